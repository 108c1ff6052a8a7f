"""What latent refinement and editing are worth to a reader, at true lengths of held-out middles; one line of JSON for each rule.

python scripts/measure_refinement.py --reader EXPORT --verifier CHECKPOINT --shards SHARDS [--holes 300] [--most 24]
"""

import argparse
import json
from pathlib import Path

import torch

from lacuna_training.exported import open_exported
from lacuna_training.refinement import Rule, compare

RULES = (
    Rule(sure=0),  # all slots in one pass
    Rule(),
    *(Rule(mixture=mixture) for mixture in (0.1, 0.2, 0.4)),
    *(Rule(mixture=mixture, settled=0.1) for mixture in (0, 0.1, 0.2)),
    *(Rule(again=again) for again in (0.1, 0.3, 0.5)),
)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", type=Path, required=True)
    parser.add_argument("--verifier", type=Path, required=True)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--holes", type=int, default=300)
    parser.add_argument("--most", type=int, default=24, help="slots of a middle")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    verifier, reader, source = open_exported(arguments.reader, arguments.verifier, arguments.shards)
    rows = source.rows("refinement", arguments.holes)[0]
    fitting = [row for row in rows if row.middle > row.text and 0 < len(row.tokens) - 1 - row.middle <= arguments.most]
    for line in compare(reader, verifier, fitting, RULES):
        print(json.dumps({"holes": len(fitting)} | line))
