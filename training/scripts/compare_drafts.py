"""Tokens a verify of several runs' drafts on the same held-out texts, with intervals; one line of JSON for each run.

python scripts/compare_drafts.py --verifier CHECKPOINT --shards SHARDS --runs RUN RUN ... [--texts 200] [--slots 7]
"""

import argparse
import json
from pathlib import Path

import torch

from lacuna_training import drafts_compared, frozen_verifier, reader_measures
from lacuna_training.exported import unseen_rows

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verifier", type=Path, required=True)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--runs", type=Path, nargs="+", required=True)
    parser.add_argument("--weights", default="rows", help="how the verifier ships: none, rows, mixed or int4")
    parser.add_argument("--texts", type=int, default=200)
    parser.add_argument("--slots", type=int, default=reader_measures.DRAFT_SLOTS)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    verifier = frozen_verifier.load(arguments.verifier, torch.bfloat16, arguments.weights)
    layout, source = unseen_rows(arguments.verifier, arguments.shards)
    rows = [row for row in source.rows("compared", arguments.texts)[0] if row.middle > row.text]
    held_out = reader_measures.write_texts(verifier, rows, layout, 48)
    networks = [drafts_compared.open_run(run, verifier) for run in arguments.runs]
    counts = [drafts_compared.walked(network, verifier, held_out, arguments.slots) for network in networks]
    for run, line in zip(arguments.runs, drafts_compared.compared(counts), strict=True):
        print(json.dumps({"run": run.name, "texts": len(rows), "tokens": sum(map(len, held_out.texts))} | line), flush=True)
