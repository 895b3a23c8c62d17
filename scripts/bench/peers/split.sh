#!/usr/bin/env bash
# Contiguous shards, one translator a GPU: split.sh INPUT OUTPUT WORK GPUS PYTHON TRANSLATOR
set -euo pipefail
input=$1 output=$2 work=$3 gpus=$4 python=$5 translator=$6

mkdir -p "$work"
cd "$input"
find . -name '*.png' | sort -V > "$work/pages"
pages=$(wc -l < "$work/pages")
split -d -a 1 -l $(((pages + gpus - 1) / gpus)) "$work/pages" "$work/shard."
workers=()
for gpu in $(seq 0 $((gpus - 1))); do
  [ -e "$work/shard.$gpu" ] || continue
  mkdir -p "$work/in.$gpu"
  xargs -d '\n' -a "$work/shard.$gpu" cp -lf --parents -t "$work/in.$gpu"
  CUDA_VISIBLE_DEVICES=$gpu "$python" "$translator" --input "$work/in.$gpu" --output "$output" &
  workers+=($!)
done
# A bare `wait` forgets how they ended.
status=0
for worker in "${workers[@]}"; do wait "$worker" || status=$?; done
exit $status
