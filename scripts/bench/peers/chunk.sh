#!/usr/bin/env bash
# Translates a few pages, given relative to INPUT: chunk.sh INPUT OUTPUT WORK PYTHON TRANSLATOR PAGE...
set -euo pipefail
input=$1 output=$2 work=$3 python=$4 translator=$5
shift 5

mkdir -p "$work"
folder=$(mktemp -d "$work/chunk.XXXXXX")
cd "$input"
cp -lf --parents -t "$folder" "$@"
exec "$python" "$translator" --input "$folder" --output "$output"
