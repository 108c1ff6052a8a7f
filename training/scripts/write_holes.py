"""Writes single-line holes of held-out Python in the format of HumanEval-Infilling, to tune decoders on: what is tuned must
not see the benchmark. There is no test to run: exact match and edit similarity count.

    python scripts/write_holes.py --out work/holes.jsonl
"""

import argparse
import json
import random
from pathlib import Path

from lacuna_training import corpus

AROUND_CHARACTERS = 3000

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("work/corpus"))
    parser.add_argument("--holes", type=int, default=200)
    parser.add_argument("--out", type=Path, default=Path("work/holes.jsonl"))
    arguments = parser.parse_args()
    rng = random.Random(11)
    files = [file for file in corpus.read_files(arguments.corpus / "validation.jsonl") if file.language == "python"]
    with open(arguments.out, "w") as out:
        written = 0
        while written < arguments.holes:
            file = rng.choices(files, [len(file.text) for file in files])[0]
            line = file.text.rfind("\n", 0, rng.randrange(len(file.text))) + 1
            end = file.text.find("\n", line) + 1
            middle = file.text[line:end]
            if len(middle.strip()) < 4 or middle.strip().startswith("#"):
                continue
            row = {
                "task_id": f"{file.package}/{file.path}/{line}", "entry_point": "id", "canonical_solution": middle, "test": "def check(_): pass",
                "prompt": file.text[max(0, line - AROUND_CHARACTERS) : line], "suffix": file.text[end : end + AROUND_CHARACTERS],
            }  # fmt: skip
            out.write(json.dumps(row) + "\n")
            written += 1
