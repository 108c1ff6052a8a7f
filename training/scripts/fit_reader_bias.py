"""Fits the constants of CAL's B(L) for an exported reader, and writes them into its reader.json.

python scripts/fit_reader_bias.py --reader EXPORT --verifier CHECKPOINT --shards SHARDS
"""

import argparse
import json
from pathlib import Path

import torch

from lacuna_training import length_bias
from lacuna_training.exported import open_exported

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", type=Path, required=True)
    parser.add_argument("--verifier", type=Path, required=True)
    parser.add_argument("--shards", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    path = arguments.reader / "reader.json"
    settings = json.loads(path.read_text())
    verifier, reader, source = open_exported(arguments.reader, arguments.verifier, arguments.shards)
    rows = source.rows("length bias", length_bias.HOLES)[0]
    constants = length_bias.fit([point for row in rows for point in length_bias.reader_points(reader, verifier, row)])
    path.write_text(json.dumps(settings | {"lengthBias": constants}))
    print(json.dumps(constants))
