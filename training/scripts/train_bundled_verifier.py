"""Teaches a code model to fill in: python scripts/train_bundled_verifier.py --initial FOLDER --shards work/shards --out work/bundled --minutes 60

Ends when `--minutes` of training have gone into `--out`; run again with more to go on. SIGTERM saves. While a file PAUSE lies beside
`--out`, it waits.
"""

import argparse
from dataclasses import MISSING, fields
from pathlib import Path

from lacuna_training import shared_trainer

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for field in fields(shared_trainer.Plan):
        kind = {"Path": Path, "float": float, "int": int, "str": str, "bool": lambda text: text == "true"}[str(field.type)]
        parser.add_argument(
            "--" + field.name.replace("_", "-"),
            type=kind,
            required=field.default is MISSING,
            default=None if field.default is MISSING else field.default,
        )
    shared_trainer.run(shared_trainer.Plan(**vars(parser.parse_args())))
