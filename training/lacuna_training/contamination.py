"""Finds benchmark text in the corpus.

A file is contaminated when it holds any window of 50 characters of a benchmark row, white space counted as one space
however long. Windows are compared by a 64-bit polynomial hash, then exactly.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

WINDOW = 50
_BASE = np.uint64(0x9E3779B97F4A7C15)


def normalized(text: str) -> bytes:
    return re.sub(r"\s+", " ", text).encode()


def read_rows(path: Path) -> list[str]:
    """The prompt with the canonical solution of each row of a HumanEval-Infilling file, gzip or plain."""
    lines = gzip.open(path, "rt") if path.suffix == ".gz" else open(path)
    with lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    return sorted({row["prompt"] + row["canonical_solution"] + row.get("suffix", "") for row in rows})


def window_hashes(text: bytes) -> np.ndarray:
    """The hash of every window of `text`, uint64 [len(text) - WINDOW + 1], by joining hashes of halves."""
    size, width = len(text), 1
    if size < WINDOW:
        return np.zeros(0, dtype=np.uint64)
    powers: dict[int, np.ndarray] = {}
    hashes = np.frombuffer(text, dtype=np.uint8).astype(np.uint64) + np.uint64(1)
    factor = _BASE
    with np.errstate(over="ignore"):
        while width <= WINDOW:
            powers[width] = hashes
            hashes = hashes[:-width] * factor + hashes[width:] if size > 2 * width - 1 else hashes[:0]
            factor, width = factor * factor, width * 2
        total = np.zeros(size - WINDOW + 1, dtype=np.uint64)
        at = 0
        for width in sorted(powers, reverse=True):
            if not WINDOW & width:
                continue
            shift = _BASE
            for _ in range(width.bit_length() - 1):
                shift = shift * shift
            total = total * shift + powers[width][at : at + len(total)]
            at += width
    return total


class Detector:
    """Knows the windows of benchmark rows; says whether a text holds one."""

    def __init__(self, rows: Iterable[str]) -> None:
        texts = [normalized(row) for row in rows]
        self._windows = {text[i : i + WINDOW] for text in texts for i in range(len(text) - WINDOW + 1)}
        self._hashes = np.unique(np.concatenate([np.zeros(0, dtype=np.uint64), *(window_hashes(text) for text in texts)]))

    def find(self, text: str) -> str | None:
        """The first window of a benchmark row in `text`, or None."""
        plain = normalized(text)
        hashes = window_hashes(plain)
        places = np.searchsorted(self._hashes, hashes)
        hits = np.nonzero(self._hashes[np.minimum(places, len(self._hashes) - 1)] == hashes)[0] if len(self._hashes) else []
        for at in hits:
            window = plain[at : at + WINDOW]
            if window in self._windows:
                return window.decode(errors="replace")
        return None
