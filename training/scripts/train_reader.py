"""Trains a reader for a verifier: python scripts/train_reader.py --verifier FOLDER --shards work/shards --out work/reader --minutes 360

Ends when `--minutes` of training have gone into `--out`; run again with more to go on. SIGTERM saves. While a file PAUSE lies beside
`--out`, it waits. Exit codes: 3 windows not learned by heart (`--windows 200`), 4 drafts worth nothing after ten minutes, 5 and 6 the
first slot too seldom right after two and six hours; each with a sentence.
"""

import argparse
import sys
from dataclasses import MISSING, fields
from pathlib import Path

from lacuna_training import reader_plan, reader_trainer

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for field in fields(reader_plan.Plan):
        kind = {"Path": Path, "float": float, "int": int, "str": str, "bool": lambda text: text == "true"}[str(field.type)]
        parser.add_argument(
            "--" + field.name.replace("_", "-"),
            type=kind,
            required=field.default is MISSING,
            default=None if field.default is MISSING else field.default,
        )
    sys.exit(reader_trainer.main(reader_plan.Plan(**vars(parser.parse_args()))))
