"""Builds the corpus package by package: python scripts/build_shards.py --out work/shards --avoid BENCHMARK.jsonl.gz ...

Run again after the list grew: what is there stays. Validation packages come first, so that whatever a training package copies from
them is dropped from training.
"""

import argparse
import json
from pathlib import Path

from lacuna_training import contamination, corpus, shards

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    here = Path(__file__).parent.parent
    lists = [here / f"{name}.toml" for name in ("corpus", "corpus-verifier", "corpus-debian")]
    parser.add_argument("--lists", type=Path, nargs="+", default=lists)
    parser.add_argument("--cache", type=Path, default=Path("work/packages"))
    parser.add_argument("--out", type=Path, default=Path("work/shards"))
    parser.add_argument("--avoid", type=Path, nargs="+", required=True, help="benchmark rows whose text must not be in the corpus")
    arguments = parser.parse_args()
    packages = [package for path in arguments.lists if path.exists() for package in corpus.read_packages(path)]
    packages.sort(key=lambda package: package.role != "validation")
    benchmark = contamination.Detector(row for path in arguments.avoid for row in contamination.read_rows(path))
    deduplicator = corpus.Deduplicator()
    shards.remember(arguments.out, deduplicator)
    for package in packages:
        if shards.shard_path(arguments.out, package).exists():
            continue
        try:
            files = corpus.source_files(package, corpus.fetch(package, arguments.cache))
            print(json.dumps(shards.write(package, files, arguments.out, deduplicator, benchmark)), flush=True)
        except Exception as error:  # one package that is gone from its registry must not end the run
            print(f"left out: {package.name}: {error}", flush=True)
