"""Builds the corpus: python scripts/build_corpus.py --out work/corpus --avoid BENCHMARK.jsonl.gz ..."""

import argparse
import json
from pathlib import Path

from lacuna_training import contamination, corpus

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", type=Path, default=Path(__file__).parent.parent / "corpus.toml")
    parser.add_argument("--cache", type=Path, default=Path("work/packages"))
    parser.add_argument("--out", type=Path, default=Path("work/corpus"))
    parser.add_argument("--avoid", type=Path, nargs="+", required=True, help="benchmark rows whose text must not be in the corpus")
    arguments = parser.parse_args()
    benchmark = contamination.Detector(row for path in arguments.avoid for row in contamination.read_rows(path))
    bytes_of = corpus.build(arguments.list, arguments.cache, arguments.out, benchmark)
    (arguments.out / "bytes.json").write_text(json.dumps(bytes_of, indent=1))
    print(f"total {sum(bytes_of.values()) / 1e6:.1f} MB")
