#!/bin/sh
# Writes the published reports of records of runs: reports/render.sh RECORD.json..
# Of the Markdown summary only the figures are kept: each failing case is in docs/adjudication.
set -eu
cd "$(dirname "$0")/.."
mqttspec=${MQTTSPEC:-cargo run --release --quiet --}
for record in "$@"; do
  # The second name is that of the broker; what a distribution adds to its version is left out.
  broker=$(head -c 4000 "$record" | sed -n 's/^ *"name": "\(.*\)",$/\1/p' | sed -n '2s/^\([^ ]*\) \([0-9.]*\).*/\1-\2/p' | tr 'A-Z' 'a-z')
  folder=reports/published/$broker
  mkdir -p "$folder"
  $mqttspec report "$record" --statement "$folder/statement.html" --markdown "$folder/summary.md"
  $mqttspec report "$record" --statement "$folder/statement.md"
  sed -i '/^### Unexpected results$/,$d' "$folder/summary.md"
  # A panic names its place by the folder into which its crate was unpacked, which is of the machine alone.
  sed -i 's#/[^ `"<]*/registry/src/[^/]*/##g' "$folder/statement.html" "$folder/statement.md" "$folder/summary.md"
done
