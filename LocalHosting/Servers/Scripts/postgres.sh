#!/bin/bash
# Runs PostgreSQL; sets the folder up when it is new.   POSTGRES_PASSWORD=... postgres.sh FOLDER PORT [option of postgres]...
set -eu
. "$(dirname "$0")/server.sh"
folder=$1 port=$2
shift 2
become postgres
mkdir -p "$folder"
cd "$folder"
[ ${#as[@]} = 0 ] || chown postgres: .
as_user() { setpriv "${as[@]}" -- "$@"; }

# The lock is the kernel's and goes with the last process that has it open: this script, and the server of a script that was killed.
exec 9> lock
if ! flock -n 9; then
  read -r owner < owner || owner=0
  if [ "$owner" != "${OWNER:-$PPID}" ] && kill -0 "$owner" 2> /dev/null; then
    fail "PostgreSQL's data in $folder are in use by another AppHost, process $owner. Stop that one, or give this one data of its own: --DataFolder=/some/folder"
  fi
  flock -w 15 9 || fail "A PostgreSQL server still uses $folder. See which: fuser $folder/lock"
fi
echo "${OWNER:-$PPID}" > owner

version=$(cat data/PG_VERSION 2> /dev/null || ls /usr/lib/postgresql 2> /dev/null | sort -n | tail -1)
bin=/usr/lib/postgresql/$version/bin
[ -x "$bin/postgres" ] || bin=$(dirname "$(command -v postgres || echo "$bin/postgres")")
[ -x "$bin/postgres" ] || fail "The data in $folder/data are PostgreSQL $version's, which is not installed. Install it (apt-get install postgresql-$version), or delete $folder to begin anew."

if [ ! -d data ]; then
  echo "Setting up PostgreSQL $version in $folder"
  rm -rf data.new # Of a set-up that was interrupted.
  (umask 077; as_user dd of=password status=none <<< "$POSTGRES_PASSWORD")
  as_user "$bin/initdb" -D data.new -U postgres --pwfile=password --auth=scram-sha-256 --locale=C.UTF-8 --encoding=UTF8 > initdb.log || fail "initdb failed: $(tail -5 initdb.log)"
  rm password
  mv data.new data
else
  rm -f data/postmaster.pid # We have the lock, so its number is no server's.
  # Aspire may have made another password since.
  as_user "$bin/postgres" --single -D data postgres > single.log 2>&1 <<< "ALTER USER postgres PASSWORD '${POSTGRES_PASSWORD//\'/\'\'}'" || fail "PostgreSQL does not start: $(tail -5 single.log)"
fi
unset POSTGRES_PASSWORD
# shared_buffers: a quarter of the memory, as PostgreSQL's documentation begins with, and at most 4 GB; it is taken as pages are used. max_wal_size: the first change of
# a page after a checkpoint writes the whole page into the log, and with 1 GB there is a checkpoint every 20 s under full load (docs/performance.md).
quarter=$(($(awk '/^MemTotal/ { print $2 }' /proc/meminfo) / 4096))
serve INT "$bin/postgres" -D data -c port="$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=600 \
  -c shared_buffers="$((quarter < 4096 ? quarter : 4096))MB" -c max_wal_size=4GB -c checkpoint_timeout=15min -c lc_messages=C "$@"
