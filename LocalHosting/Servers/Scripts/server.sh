# What the scripts of this folder share; they source it.
# Each runs one server on loopback in the foreground and ends it on SIGTERM or SIGINT.

exec 3<&0 # Bash gives background jobs /dev/null as their standard input, so `serve` needs another way to ours.

fail() { echo "$*" >&2; exit 1; }

# Sets the array `as`: the user that a server runs as when we are root. No server here needs root, and PostgreSQL refuses it.
as=()
become() {
  if [ "$(id -u)" = 0 ] && id "$1" > /dev/null 2>&1; then as=(--reuid="$1" --regid="$1" --init-groups); fi
}

# serve SIGNAL COMMAND...: runs the server until it ends by itself or is asked to; SIGNAL is what it stops on.
# - Its clients are asked to stop at the same moment as this script: they get 2 s before the server is taken away.
# - With ENDS_WITH_STDIN it also ends, and at once, when standard input does: the process that started it is gone, however that happened.
# - The kernel sends the signal when this shell is killed (setpriv --pdeathsig), so that no server is left behind.
# - Only the server itself inherits a lock (9): what runs beside it may outlive it, and would keep the next one out.
serve() {
  local signal=$1 code=0 watcher=
  shift
  setpriv "${as[@]}" --pdeathsig "$signal" -- "$@" <&0 &
  server=$!
  trap 'stopping=1; { sleep 2; kill -s "$signal" "$server"; } 2> /dev/null 9>&- &' TERM INT
  if [ -n "${ENDS_WITH_STDIN:-}" ]; then
    { while read -r _; do :; done <&3; kill -s "$signal" "$server"; } 2> /dev/null 9>&- &
    watcher=$!
  fi
  # `wait` also returns when a signal was trapped, with the server still running.
  while true; do
    wait "$server" && code=0 || code=$?
    kill -0 "$server" 2> /dev/null || break
  done
  [ -z "$watcher" ] || kill "$watcher" 2> /dev/null || true
  [ -z "${stopping:-}" ] || exit 0
  exit "$code"
}
