#!/usr/bin/env bash
# The bundled verifier: checkpoint, corpus, training, measured, exported as a Hugging Face folder in FOLDER/export. Run again to resume.
# Usage: runs/verifier.sh FOLDER MINUTES BENCHMARK.jsonl.gz ... [-- options of train_bundled_verifier.py, such as --device cuda]
# Benchmark rows are read for two purposes: files that hold text of them are left out of the corpus, and the result is measured on them.
# EXERCISES=MODEL, a Hugging Face folder of an instruct model, has small documented functions written first, for EXERCISE_MINUTES (60); with
# `--exercises 0.5` half of the rows are drawn from them. scripts/write_exercises.py adds more of them to FOLDER/shards/exercises.
# Besides requirements.txt it needs the package gguf. While a file PAUSE lies in FOLDER, training waits.
set -euo pipefail
folder=$(realpath -m "${1:?a folder for the corpus, the run and the export}")
minutes=${2:?how many minutes to train}
shift 2
rows=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do rows+=("$(realpath "$1")"); shift; done
[ "${1:-}" = -- ] && shift
cd "$(dirname "$0")/.."
export PYTHONPATH=. PYTHONUNBUFFERED=1 OMP_NUM_THREADS=1
# glibc gives every large tensor back to the kernel and takes it anew, which costs more than the arithmetic.
keep=(env MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=17179869184 GLIBC_TUNABLES=glibc.malloc.hugetlb=1)
checkpoint=$folder/smollm2-135m

[ -d "$checkpoint" ] || python3 scripts/fetch_smollm2.py --out "$checkpoint"
python3 scripts/build_shards.py --cache "$folder/packages" --out "$folder/shards" --avoid "${rows[@]}"
[ -d "$checkpoint-code" ] || python3 scripts/trim_vocabulary.py --initial "$checkpoint" --shards "$folder/shards" --size 24576 --out "$checkpoint-code"
[ -z "${EXERCISES:-}" ] || [ -d "$folder/shards/exercises" ] || nice -n 19 "${keep[@]}" python3 scripts/write_exercises.py --model "$EXERCISES" \
  --out "$folder/shards/exercises" --avoid "${rows[@]}" --minutes "${EXERCISE_MINUTES:-60}"
nice -n 19 "${keep[@]}" python3 scripts/train_bundled_verifier.py --initial "$checkpoint-code" --shards "$folder/shards" --out "$folder/run" --minutes "$minutes" "$@"
OMP_NUM_THREADS=2 nice -n 19 python3 scripts/measure_bundled_verifier.py --run "$folder/run" --initial "$checkpoint-code" --shards "$folder/shards" \
  --export "$folder/export" --curve "$folder/curve.jsonl" --count 0 --rows "${rows[@]}"
