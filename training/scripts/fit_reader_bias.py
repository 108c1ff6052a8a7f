"""Fits the constants of CAL's B(L) for an exported reader, and writes them into its reader.json.

python scripts/fit_reader_bias.py --reader EXPORT --verifier CHECKPOINT --shards SHARDS
"""

import argparse
import json
from pathlib import Path

import torch
from tokenizers import Tokenizer

from lacuna_training import fill_rows, frozen_verifier, length_bias, reader_data, reader_export

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", type=Path, required=True)
    parser.add_argument("--verifier", type=Path, required=True)
    parser.add_argument("--shards", type=Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    path = arguments.reader / "reader.json"
    settings = json.loads(path.read_text())
    belongs = settings["verifier"]
    verifier = frozen_verifier.load(arguments.verifier, torch.bfloat16, belongs["weights"])
    reader = reader_export.load(arguments.reader, verifier, belongs["sha256"])
    tokenizer = Tokenizer.from_file(str(arguments.verifier / "tokenizer.json"))
    layout = reader_data.read_layout(arguments.verifier, tokenizer)
    source = reader_data.RowSource(fill_rows.read_shards(arguments.shards / "validation"), tokenizer, layout)
    rows = source.rows("length bias", length_bias.HOLES)[0]
    constants = length_bias.fit([point for row in rows for point in length_bias.reader_points(reader, verifier, row)])
    path.write_text(json.dumps(settings | {"lengthBias": constants}))
    print(json.dumps(constants))
