"""Ends with 1 if any benchmark text is in a corpus: python scripts/check_contamination.py BENCHMARK.jsonl.gz ... --corpus work/corpus"""

import argparse
import sys
from pathlib import Path

from lacuna_training import contamination, corpus

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path, nargs="+")
    parser.add_argument("--corpus", type=Path, default=Path("work/corpus"))
    arguments = parser.parse_args()
    rows = [row for path in arguments.rows for row in contamination.read_rows(path)]
    detector = contamination.Detector(rows)
    files = [file for name in ("train.jsonl", "validation.jsonl") for file in corpus.read_files(arguments.corpus / name)]
    found = [(file, window) for file in files if (window := detector.find(file.text))]
    for file, window in found:
        print(f"{file.package} {file.path}: {window!r}")
    print(f"{len(rows)} rows, {len(files)} files, {len(found)} with benchmark text")
    sys.exit(1 if found else 0)
