#!/usr/bin/env bash
# The large pair on one GPU of the H100 or H200 class, in parts of under ten minutes; a part that was cut off resumes.
#
#   runs/gpu.sh pack                  where the corpus was built: work/gpu.tar.xz holds corpus, tokenizer and benchmark rows to avoid
#   runs/gpu.sh unpack                on the GPU's machine: the corpus, and the machine's own permissively licensed packages added to it
#   runs/gpu.sh verifier [minutes]    7 by default; once more with a larger number goes on
#   runs/gpu.sh answers [minutes]     2
#   runs/gpu.sh diffuser [minutes]    6
#   runs/gpu.sh boundary [minutes]    2
#   runs/gpu.sh export DIR            both checkpoints in bf16, in pieces of 15 MiB; `cat` joins them
#
# SIZE=tiny tries every part in seconds on a CPU. AVOID names the benchmark rows, for pack.
set -euo pipefail
cd "$(dirname "$0")/.."
export PYTHONPATH=. PYTHONUNBUFFERED=1 TORCHINDUCTOR_CACHE_DIR="$PWD/work/compiled"
work=${WORK:-work/gpu}
part=${1:?pack, unpack, verifier, answers, diffuser, boundary or export}
if [ "${SIZE:-full}" = tiny ]; then
  model=(--hidden 64 --layers 2) thin=(--layers 2) batch=(--batch-tokens 2048) workers=(--workers 1) answer_batch=(--batch 2)
else
  # 33 M and 23 M parameters: together 60 MB in int8, which is what may ship.
  model=(--hidden 512 --layers 8) thin=(--layers 5) batch=(--batch-tokens 131072) workers=(--workers 14) answer_batch=(--batch 512)
fi
corpus=(--corpus "$work/corpus")

case $part in
  pack)
    mkdir -p "$work/avoid" "$work/corpus"
    cp ${AVOID:?name the benchmark rows} "$work/avoid"
    cp work/corpus/{train,validation}.jsonl "$work/corpus"
    cp work/tokenizer.json "$work"
    tar -C "$work" -cf - avoid corpus tokenizer.json | xz -T0 -9 > "$work.tar.xz"
    ls -l "$work.tar.xz" ;;
  unpack)
    mkdir -p "$work"
    tar -C "$work" -xf "$work.tar.xz"
    python3 scripts/add_installed.py "${corpus[@]}" --avoid "$work"/avoid/*
    python3 scripts/check_contamination.py "$work"/avoid/* "${corpus[@]}" ;;
  verifier)
    python3 scripts/train_verifier.py "${corpus[@]}" --tokenizer "$work/tokenizer.json" "${model[@]}" "${batch[@]}" "${workers[@]}" \
      --minutes "${2:-7}" --muon-rate 4e-3 --adam-rate 3e-3 --out "$work/verifier" ;;
  answers)
    python3 scripts/generate_answers.py "${corpus[@]}" --minutes "${2:-2}" "${answer_batch[@]}" --from "$work/verifier" --out "$work/answers" ;;
  diffuser)
    python3 scripts/train_diffuser.py --stage distil "${corpus[@]}" "${thin[@]}" "${batch[@]}" "${workers[@]}" --minutes "${2:-6}" \
      --from "$work/verifier" --answers "$work/answers" --out "$work/distilled" ;;
  boundary)
    python3 scripts/train_diffuser.py --stage boundary "${corpus[@]}" "${batch[@]}" "${workers[@]}" --minutes "${2:-2}" --muon-rate 6e-4 \
      --adam-rate 5e-4 --from "$work/verifier" --answers "$work/answers" --initial "$work/distilled" --out "$work/diffuser"
    python3 scripts/fit_length_bias.py "${corpus[@]}" --model "$work/diffuser" ;;
  export)
    python3 scripts/export_bf16.py "$work/verifier" "$work/diffuser" --out "$work/export"
    tar -C "$work/export" -cf - . | split -b 15M - "${2:?a folder}/checkpoints.tar." ;;
  *) echo "no part $part" >&2; exit 2 ;;
esac
