"""What a reader knows of the length of held-out holes, rule by rule; one line of JSON for each, then the mean scores by length.

python scripts/measure_lengths.py --reader EXPORT --verifier CHECKPOINT --shards SHARDS [--holes 400]
"""

import argparse
import json
from pathlib import Path

import torch

from lacuna_training import length_knowledge
from lacuna_training.exported import open_exported

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", type=Path, required=True)
    parser.add_argument("--verifier", type=Path, required=True)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--holes", type=int, default=400)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    constants = json.loads((arguments.reader / "reader.json").read_text())["lengthBias"]
    verifier, reader, source = open_exported(arguments.reader, arguments.verifier, arguments.shards)
    rows = source.rows("lengths", arguments.holes)[0]
    fitting = [row for row in rows if row.middle > row.text and 0 < len(row.tokens) - 1 - row.middle <= length_knowledge.MOST]
    holes = [length_knowledge.hear(reader, verifier, row) for row in fitting]
    for line in length_knowledge.compare(holes, constants):
        print(json.dumps({"holes": len(holes)} | line), flush=True)
    for line in length_knowledge.curves(holes):
        print(json.dumps(line))
