"""Trains a reader for a verifier: python scripts/train_reader.py --verifier FOLDER --shards work/shards --out work/reader --minutes 360

Ends when `--minutes` of training have gone into `--out`; run again with more to go on. SIGTERM saves. While a file PAUSE lies beside
`--out`, it waits. Exit codes: 3 windows not learned by heart (`--windows 200`), 4 drafts worth nothing after ten minutes, 5 and 6 the
first slot too seldom right after two and six hours; each with a sentence.
"""

import sys

from lacuna_training import plan_options, reader_plan, reader_trainer

if __name__ == "__main__":
    sys.exit(reader_trainer.main(plan_options.parse_plan(reader_plan.Plan, __doc__)))
