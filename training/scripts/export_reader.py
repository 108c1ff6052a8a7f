"""Exports a reader that was trained: python scripts/export_reader.py --run work/reader --verifier FOLDER --out work/reader/export"""

import argparse
import json
from pathlib import Path

import torch

from lacuna_training import reader_export

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--verifier", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--average", choices=("average", "masters"), default="average")
    parser.add_argument("--codes", action="store_true", help="matrices as 8-bit codes")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(json.dumps(reader_export.export_run(arguments.run, arguments.verifier, arguments.out, arguments.average, arguments.codes)))
