#!/usr/bin/env bash
# GNU parallel, ten pages a job, one job a GPU: gnu_parallel.sh PARALLEL INPUT OUTPUT WORK GPUS PYTHON TRANSLATOR
set -euo pipefail
parallel=$1 input=$2 output=$3 work=$4 gpus=$5 python=$6 translator=$7
here=$(cd "$(dirname "$0")" && pwd)

mkdir -p "$work"
cd "$input"
find . -name '*.png' | sort -V |
  "$parallel" --will-cite --jobs "$gpus" -N10 --joblog "$work/joblog" --resume \
    CUDA_VISIBLE_DEVICES='$(({%} - 1))' "$here/chunk.sh" "$input" "$output" "$work/chunks" "$python" "$translator" {}
