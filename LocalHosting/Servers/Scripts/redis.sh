#!/bin/bash
# Runs Redis, in memory alone: it counts rate limits, which are over in a minute.   REDIS_PASSWORD=... redis.sh PORT
set -eu
. "$(dirname "$0")/server.sh"
become redis
cd /
password=$REDIS_PASSWORD
unset REDIS_PASSWORD
# Settings by standard input: the password is on no command line and in no file.
serve TERM redis-server - < <(printf '%s\n' "port $1" "bind 127.0.0.1" "requirepass $password" 'save ""' "appendonly no")
