#!/bin/sh
# Puts a broker to the test and writes what is published about it: reports/publish.sh NAME [OPTION..]
# NAME is a built-in profile; options go to `mqttspec run`. Records stay in target/published, for the comparison.
set -eu
cd "$(dirname "$0")/.."
name=$1
shift
records=target/published
mkdir -p "$records"
record=$records/$name.json
${MQTTSPEC:-cargo run --release --quiet --} run --sut "$name" "$@" --json "$record" >"$records/$name.txt" || test $? -eq 1 -o $? -eq 5
sh reports/render.sh "$record"
