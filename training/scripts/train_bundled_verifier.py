"""Teaches a code model to fill in: python scripts/train_bundled_verifier.py --initial FOLDER --shards work/shards --out work/bundled --minutes 60

Ends when `--minutes` of training have gone into `--out`; run again with more to go on. SIGTERM saves. While a file PAUSE lies beside
`--out`, it waits.
"""

from lacuna_training import plan_options, shared_trainer

if __name__ == "__main__":
    shared_trainer.run(plan_options.parse_plan(shared_trainer.Plan, __doc__))
