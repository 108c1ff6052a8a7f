"""CAL's B(L) (arXiv 2602.00476): how the mean largest probability of an all-mask canvas falls with its length L where no such length is meant.

B(L) = a e^(-bL) + c e^(-dL) + e, fitted once for a model on holes of held-out packages, at every length but those near the true one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from scipy.optimize import curve_fit
from torch import Tensor

from lacuna_training.frozen_verifier import FrozenVerifier
from lacuna_training.reader import INFILL, MASK, Reader
from lacuna_training.reader_data import NOTHING, Canvases, LaidOut, padded
from lacuna_training.reader_measures import read_canvases

LENGTHS = (1, 2, 4, 6, 12, 16, 24, 32, 48, 64)
NEAR = 4
HOLES = 100


def bias(length: np.ndarray, a: float, b: float, c: float, d: float, e: float) -> np.ndarray:
    return a * np.exp(-b * length) + c * np.exp(-d * length) + e


def lengths_for(true_length: int, most: int = LENGTHS[-1]) -> list[int]:
    """Those up to `most` that say something of a hole of `true_length` tokens."""
    return [length for length in LENGTHS if length <= most and abs(length - true_length) > NEAR]


def fit(points: Sequence[tuple[int, float]]) -> dict[str, float]:
    """The constants by their letters. points: lengths, and the mean largest probability there."""
    lengths, values = np.array(points).T
    fitted, _ = curve_fit(bias, lengths, values, p0=(0.5, 0.5, 0.2, 0.05, 0.2), bounds=(0, [5, 10, 5, 1, 1]), maxfev=20_000)
    return dict(zip("abcde", (round(float(value), 5) for value in fitted), strict=True))


@torch.no_grad()
def mask_logits(reader: Reader, verifier: FrozenVerifier, row: LaidOut, lengths: Sequence[int]) -> list[Tensor]:
    """Of an all-mask canvas of each length in the hole of `row`: [length, head_tokens + 1], fp32."""
    size = 1 + max(lengths)
    inputs = torch.full((1, len(lengths), size), MASK)
    inputs[..., 0] = row.tokens[row.middle - 1]
    targets = torch.full((1, len(lengths), size - 1), NOTHING)
    anchors = torch.full((1, len(lengths)), row.middle - 1)
    canvases = Canvases(inputs, 1 + torch.tensor([lengths]), anchors, targets, targets.float())
    reading = verifier.read(padded([row.tokens[: row.middle]]), list(reader.config.reads))
    states = read_canvases(reader, reading, canvases, INFILL)[0]
    undecided = (reader.before(torch.full((length,), -1)) for length in lengths)
    return [reader.logits(hidden[: len(before)], before).float() for hidden, before in zip(states, undecided, strict=True)]


def reader_points(reader: Reader, verifier: FrozenVerifier, row: LaidOut) -> list[tuple[int, float]]:
    """What a reader says of the hole of `row` at each length, for `fit`."""
    lengths = lengths_for(len(row.tokens) - 1 - row.middle, reader.config.slots)
    found = mask_logits(reader, verifier, row, lengths)
    return [(length, float(logits.softmax(-1).amax(-1).mean())) for length, logits in zip(lengths, found, strict=True)]
