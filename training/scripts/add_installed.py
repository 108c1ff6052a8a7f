"""Adds the installed packages of this machine to a corpus: python scripts/add_installed.py --corpus work/corpus --avoid BENCHMARK.jsonl.gz ..."""

import argparse
import json
from pathlib import Path

from lacuna_training import contamination, corpus
from lacuna_training.installed import installed_files

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("work/corpus"))
    parser.add_argument("--list", type=Path, default=Path(__file__).parent.parent / "corpus.toml")
    parser.add_argument("--avoid", type=Path, nargs="+", required=True, help="benchmark rows whose text must not be in the corpus")
    arguments = parser.parse_args()

    benchmark = contamination.Detector(row for path in arguments.avoid for row in contamination.read_rows(path))
    deduplicator = corpus.Deduplicator()
    for name in ("validation.jsonl", "train.jsonl"):
        for file in corpus.read_files(arguments.corpus / name):
            deduplicator.is_new(file.text)
    listed = {package.name.lower() for package in corpus.read_packages(arguments.list)}
    bytes_of: dict[str, int] = {}
    with open(arguments.corpus / "train.jsonl", "a") as train:
        for file in installed_files(listed):
            if not deduplicator.is_new(file.text) or benchmark.find(file.text):
                continue
            bytes_of[file.package] = bytes_of.get(file.package, 0) + len(file.text.encode())
            train.write(json.dumps(file.__dict__) + "\n")
    (arguments.corpus / "installed.json").write_text(json.dumps(bytes_of, indent=1))
    print(f"{len(bytes_of)} packages, {sum(bytes_of.values()) / 1e6:.1f} MB")
