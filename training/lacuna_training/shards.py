"""The corpus as one file a package, so that a run that is going on can take in what came later.

A shard is `<registry>-<name>.jsonl` under `train/` or `validation/`; it appears whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from lacuna_training import corpus
from lacuna_training.contamination import Detector
from lacuna_training.corpus import Deduplicator, Package, SourceFile

# A package of megabytes teaches its own habits; beyond this many bytes of text it adds little.
MOST_BYTES = 5_000_000


def shard_path(out: Path, package: Package) -> Path:
    return out / package.role / f"{package.registry}-{package.name.replace('/', '+')}.jsonl"


def remember(out: Path, deduplicator: Deduplicator) -> None:
    """Shows every file of the shards under `out` to the deduplicator."""
    for path in sorted(out.glob("*/*.jsonl")):
        for file in corpus.read_files(path):
            deduplicator.is_new(file.text)


def write(package: Package, files: Iterable[SourceFile], out: Path, deduplicator: Deduplicator, benchmark: Detector) -> dict:
    """Writes one shard; returns bytes by language and the number of files left out."""
    path = shard_path(out, package)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    sizes: dict[str, int] = {}
    copies = found = 0
    with open(partial, "w") as shard:
        for file in files:
            if sum(sizes.values()) > MOST_BYTES:
                break
            if benchmark.find(file.text):
                found += 1
            elif not deduplicator.is_new(file.text):
                copies += 1
            else:
                sizes[file.language] = sizes.get(file.language, 0) + len(file.text)
                shard.write(json.dumps(file.__dict__) + "\n")
    partial.replace(path)
    return {"package": package.name, "bytes": sizes, "copies": copies, "benchmark": found}
