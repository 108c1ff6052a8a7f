#!/usr/bin/env bash
# A reader for a verifier: corpus, the first gate, training in two stages, exported to FOLDER/export. Run again to resume.
# Usage: runs/reader.sh CHECKPOINT FOLDER MINUTES [BOUNDARY MINUTES] BENCHMARK.jsonl.gz ... [-- options of train_reader.py]
# CHECKPOINT is a Hugging Face folder of the families llama, qwen2 or qwen3 with its tokenizer.json; lacuna.json says how a prompt is laid
# out where the tokens' names do not. Benchmark rows are read to leave out of the corpus what holds text of them. SHARDS names a corpus that is
# there already. `-- --device cuda --workers 1 --step-rows 256 --batch-tokens 65536` is the form for a GPU; `-- --weights int4` for a verifier
# that ships in 4 bits. Exit codes 3 to 6 are gates that failed, with a sentence. While a file PAUSE lies in FOLDER, training waits.
set -euo pipefail
checkpoint=$(realpath "${1:?a checkpoint: a Hugging Face folder}")
folder=$(realpath -m "${2:?a folder for the corpus, the runs and the export}")
minutes=${3:?how many minutes to train}
shift 3
boundary=$((minutes / 6))
if [[ "${1:-}" =~ ^[0-9]+$ ]]; then boundary=$1; shift; fi
rows=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do rows+=("$(realpath "$1")"); shift; done
[ "${1:-}" = -- ] && shift
shards=${SHARDS:-$folder/shards}
cd "$(dirname "$0")/.."
export PYTHONPATH=. PYTHONUNBUFFERED=1 OMP_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false
# glibc gives every large tensor back to the kernel and takes it anew, which costs more than the arithmetic.
keep=(env MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=17179869184 GLIBC_TUNABLES=glibc.malloc.hugetlb=1)
mkdir -p "$folder"

[ -d "$shards" ] || python3 scripts/build_shards.py --cache "$folder/packages" --out "$shards" --avoid "${rows[@]}"
train() { nice -n 19 "${keep[@]}" python3 scripts/train_reader.py --verifier "$checkpoint" --shards "$shards" "$@"; }
if [ ! -e "$folder/overfit.done" ]; then
  train --out "$folder/overfit" --windows 200 --minutes 40 "$@"
  touch "$folder/overfit.done"
  rm -rf "$folder/overfit"
fi
train --out "$folder/plain" --minutes "$minutes" --decay-minutes "$((minutes / 10))" "$@"
train --out "$folder/boundary" --stage boundary --start "$folder/plain" --minutes "$boundary" --decay-minutes "$boundary" "$@" \
  --rate 5e-5 --new-rate 3e-4
python3 scripts/export_reader.py --run "$folder/boundary" --verifier "$checkpoint" --out "$folder/export"
python3 scripts/fit_reader_bias.py --reader "$folder/export" --verifier "$checkpoint" --shards "$shards"
