#!/usr/bin/env bash
# The small pair on two CPU cores, in one evening: corpus, tokenizer, verifier, its answers, diffuser in two stages.
# Run again to resume. Usage: runs/cpu.sh BENCHMARK.jsonl.gz [verifier minutes] [answer minutes] [distil minutes] [boundary minutes]
# The benchmark is read for one purpose: files that hold text of it are left out of the corpus.
set -euo pipefail
benchmark=$(realpath "${1:?name a file of benchmark rows whose text must not be trained on}")
cd "$(dirname "$0")/.."
export PYTHONPATH=. PYTHONUNBUFFERED=1
# glibc gives every large tensor back to the kernel and takes it anew, which costs more than the arithmetic.
keep=(env MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_TOP_PAD_=268435456)

[ -f work/corpus/bytes.json ] || python3 scripts/build_corpus.py --out work/corpus --avoid "$benchmark"
[ -f work/tokenizer.json ] || python3 scripts/train_tokenizer.py --out work/tokenizer.json
"${keep[@]}" python3 scripts/train_verifier.py --minutes "${2:-110}" --out work/verifier
# Growing caches fare badly with memory that is never given back: 80 tokens/s instead of 1,000.
[ -d work/answers ] || python3 scripts/generate_answers.py --minutes "${3:-8}" --from work/verifier --out work/answers
"${keep[@]}" python3 scripts/train_diffuser.py --stage distil --minutes "${4:-60}" --from work/verifier --answers work/answers --out work/distilled
"${keep[@]}" python3 scripts/train_diffuser.py --stage boundary --minutes "${5:-8}" --from work/verifier --answers work/answers \
  --initial work/distilled --muon-rate 6e-4 --adam-rate 5e-4 --out work/diffuser
python3 scripts/fit_length_bias.py --model work/diffuser
python3 scripts/measure_acceptance.py work/distilled work/diffuser --verifier work/verifier --out work/acceptance.json
