#!/usr/bin/env bash
# The small pair, on two CPU cores: corpus, tokenizer, verifier, its answers, diffuser. Run again to resume.
# Usage: runs/first_light.sh [verifier minutes] [answer minutes] [diffuser minutes]
set -euo pipefail
cd "$(dirname "$0")/.."
export PYTHONPATH=. PYTHONUNBUFFERED=1
# glibc gives every large tensor back to the kernel and takes it anew, which costs more than the arithmetic.
export MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=17179869184 MALLOC_TOP_PAD_=268435456

[ -f work/corpus/bytes.json ] || python3 scripts/build_corpus.py --out work/corpus
[ -f work/tokenizer.json ] || python3 scripts/train_tokenizer.py --out work/tokenizer.json
python3 scripts/train_verifier.py --minutes "${1:-55}" --batch 8 --out work/verifier
# Growing caches fare badly with memory that is never given back: 80 tokens/s instead of 1,000.
[ -d work/answers ] || env -u MALLOC_MMAP_THRESHOLD_ -u MALLOC_TRIM_THRESHOLD_ -u MALLOC_TOP_PAD_ \
  python3 scripts/generate_answers.py --minutes "${2:-10}" --from work/verifier --out work/answers
python3 scripts/train_diffuser.py --minutes "${3:-40}" --from work/verifier --answers work/answers --out work/diffuser
