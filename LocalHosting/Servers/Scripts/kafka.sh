#!/bin/bash
# Runs Apache Kafka from a folder with libs/*.jar: one node, its own controller (KRaft).   kafka.sh HOME FOLDER PORT CONTROLLER_PORT [ADVERTISED_PORT]
set -eu
. "$(dirname "$0")/server.sh"
home=$1 folder=$2 port=$3 controller=$4
mkdir -p "$folder"
cd "$folder"
exec 9> lock
flock -w 15 9 || fail "A Kafka broker still uses $folder. See which: fuser $folder/lock"
cat > server.properties << END
process.roles=broker,controller
node.id=0
controller.quorum.voters=0@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:${5:-$port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=$folder/data
auto.create.topics.enable=false
num.partitions=12
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# Who was killed is replaced after 15 s instead of 45 s, and who joins or leaves is heard of within 1 s instead of 5 s.
group.consumer.min.session.timeout.ms=15000
group.consumer.session.timeout.ms=15000
group.consumer.min.heartbeat.interval.ms=1000
group.consumer.heartbeat.interval.ms=1000
END

# The fast compiler alone and the simple collector: 2.5 s to the first answer instead of 5.3 s, and this broker never runs for long.
java=(java -XX:TieredStopAtLevel=1 -Xshare:auto -XX:+UseSerialGC -Xms256m -Xmx512m -cp "$home/libs/*")
if [ ! -e data/meta.properties ]; then
  rm -rf data
  id=$(head -c 16 /dev/urandom | base64 | tr '/+' '_-' | tr -d =)
  "${java[@]}" kafka.tools.StorageTool format --cluster-id="$id" -c server.properties > format.log 2>&1 || fail "Kafka's data folder cannot be set up: $(tail -5 format.log)"
fi
export KAFKA_LOG=$folder/server.log
[ ! -f "$home/log4j2.properties" ] || java+=("-Dlog4j2.configurationFile=$home/log4j2.properties")
serve TERM "${java[@]}" kafka.Kafka server.properties
