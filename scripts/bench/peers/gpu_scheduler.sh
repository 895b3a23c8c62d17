#!/usr/bin/env bash
# simple_gpu_scheduler, a command for every ten pages: gpu_scheduler.sh SCHEDULER INPUT OUTPUT WORK GPUS PYTHON TRANSLATOR
set -euo pipefail
scheduler=$1 input=$2 output=$3 work=$4 gpus=$5 python=$6 translator=$7
here=$(cd "$(dirname "$0")" && pwd)

mkdir -p "$work"
cd "$input"
find . -name '*.png' | sort -V | paste -sd '         \n' |
  sed "s|^|'$here/chunk.sh' '$input' '$output' '$work/chunks' '$python' '$translator' |" |
  "$scheduler" --gpus $(seq 0 $((gpus - 1)))
