#!/bin/bash -eu
# Builds each fuzz target into $OUT, with its seeds and the dictionary.
cd "$SRC/mqttspec"
cargo fuzz build -O --debug-assertions

seeds=$(mktemp -d)
env -u RUSTFLAGS cargo run --release --locked -- corpus "$seeds"
for source in fuzz/fuzz_targets/*.rs; do
  target=$(basename "$source" .rs)
  cp "fuzz/target/x86_64-unknown-linux-gnu/release/$target" "$OUT/"
  mkdir -p "$seeds/$target"
  if [ -d "fuzz/regressions/$target" ]; then
    cp "fuzz/regressions/$target"/* "$seeds/$target/"
  fi
  if [ -n "$(ls "$seeds/$target")" ]; then
    zip -q -j -r "$OUT/${target}_seed_corpus.zip" "$seeds/$target"
  fi
  case $target in
    # Their inputs are no packets.
    broker | malformed | roundtrip) ;;
    *) cp fuzz/mqtt.dict "$OUT/$target.dict" ;;
  esac
  printf '[libfuzzer]\nmax_len = 1024\n' > "$OUT/$target.options"
done
