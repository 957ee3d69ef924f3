#!/bin/bash
# `users.sh BROKER SECRETS`: whoever has a file `<user>-kafka-password` in the folder may log in with what it says.
set -euo pipefail
for file in "$2"/*-kafka-password; do
  user=$(basename "$file" -kafka-password)
  "$KAFKA_BIN/kafka-configs.sh" --bootstrap-server "$1" --alter --entity-type users --entity-name "$user" \
    --add-config "SCRAM-SHA-512=[password=$(<"$file")]"
done
