"""What a reader's all-mask canvases know of a hole's length, by every rule that reads it from them, and by END.

A rule gives each length a score. Told are how often the true length has the best score, and is among the best four; of rules that are distributions,
nats. Half of the holes say what is usual, the other half are measured, and the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lacuna_training.frozen_verifier import FrozenVerifier
from lacuna_training.length_bias import bias, mask_logits
from lacuna_training.reader import Reader
from lacuna_training.reader_data import LaidOut

LENGTHS = (*range(1, 41), 48, 56, 64)
MOST = 40  # of true lengths
PROBES = (1, 2, 4, 8, 16, 32, 64)  # LR-DLLM's
# Of the prior: what a length counts that no other hole has.
UNSEEN = 0.5
# How much END may count beside the prior.
POWERS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)


@dataclass
class Heard:
    """Of one hole: its true length; confidence and mean largest probability [lengths] of all-mask canvases, END left out;
    ends [MOST + 1], the chances that END is what stands in each slot of a canvas of MOST + 1 slots."""

    true: int
    confidence: np.ndarray
    largest: np.ndarray
    ends: np.ndarray


def hear(reader: Reader, verifier: FrozenVerifier, row: LaidOut) -> Heard:
    *found, longest = mask_logits(reader, verifier, row, [*LENGTHS, MOST + 1])
    ends = longest.softmax(-1)[:, -1].numpy()
    confidence, largest = [], []
    for logits in found:
        log_shares = logits[:, :-1].log_softmax(-1)
        shares = log_shares.exp()
        confidence.append(float((shares * log_shares).sum(-1).mean()))
        largest.append(float(shares.amax(-1).mean()))
    return Heard(len(row.tokens) - 1 - row.middle, np.array(confidence), np.array(largest), ends)


def corrected(confidence: np.ndarray) -> np.ndarray:
    """LR-DLLM's score of each length (arXiv 2602.07546): the drift with ln L, fitted through its probes, taken out."""
    logs = np.log(LENGTHS)
    probed = [LENGTHS.index(length) for length in PROBES]
    slope, _ = np.polyfit(logs[probed], confidence[probed], 1)
    return confidence - slope * logs


def prior(others: Sequence[Heard]) -> np.ndarray:
    """Shares of the lengths 1 to MOST among other holes."""
    counts = np.full(MOST, UNSEEN) + np.bincount([hole.true - 1 for hole in others], minlength=MOST)
    return counts / counts.sum()


def by_ends(ends: np.ndarray) -> np.ndarray:
    """Chances of the lengths 1 to MOST, if the first slot that is surplus ends the middle."""
    goes_on = np.concatenate([[1.0], np.cumprod(1 - ends[1:MOST])])
    chances = goes_on * ends[1:]
    return chances / chances.sum()


def together(common: np.ndarray, ends: np.ndarray, power: float) -> np.ndarray:
    both = common * ends**power
    return both / both.sum()


def power_of(others: Sequence[Heard]) -> float:
    """How much END should have counted beside the prior of the same holes."""
    common, ends = prior(others), [by_ends(other.ends) for other in others]

    def nats(power: float) -> float:
        return -sum(np.log(together(common, each, power)[other.true - 1]) for other, each in zip(others, ends, strict=True))

    return min(POWERS, key=nats)


def scores(hole: Heard, others: Sequence[Heard], constants: dict[str, float], power: float) -> dict[str, np.ndarray]:
    """Of the lengths 1 to MOST by each rule; those whose names begin with "p" are distributions."""
    usual = np.stack([other.confidence for other in others])
    lengths = np.array(LENGTHS, dtype=float)
    common, ends = prior(others), by_ends(hole.ends)
    found = {
        "confidence": hole.confidence, "corrected (LR-DLLM)": corrected(hole.confidence),
        "less its mean": hole.confidence - usual.mean(0), "over its deviation": (hole.confidence - usual.mean(0)) / usual.std(0).clip(1e-6),
        "over a fitted bias (CAL)": hole.largest / bias(lengths, **constants),
        "p: how long holes are": common, "p: END": ends, "p: both": together(common, ends, power),
    }  # fmt: skip
    return {rule: values[:MOST] for rule, values in found.items()}


def compare(holes: Sequence[Heard], constants: dict[str, float]) -> list[dict]:
    """For each rule: shares of the holes whose true length is the best, and among the best four; mean nats of distributions; mean |best - true|."""
    halves = (holes[::2], holes[1::2])
    found: dict[str, list[tuple[bool, bool, float, int]]] = {}
    for mine, others in (halves, halves[::-1]):
        power = power_of(others)
        for hole in mine:
            for rule, values in scores(hole, others, constants, power).items():
                order = np.argsort(-values, kind="stable") + 1
                nats = -float(np.log(max(values[hole.true - 1], 1e-12))) if rule.startswith("p") else float("nan")
                found.setdefault(rule, []).append((order[0] == hole.true, hole.true in order[:4], nats, abs(int(order[0]) - hole.true)))
    lines = []
    for rule, each in found.items():
        best, four, nats, off = (float(np.mean(values)) for values in zip(*each, strict=True))
        line = {"rule": rule, "best": round(best, 4), "bestFour": round(four, 4), "off": round(off, 2)}
        lines.append(line if np.isnan(nats) else line | {"nats": round(nats, 3)})
    return lines


def curves(holes: Sequence[Heard]) -> list[dict]:
    """Mean score at LR-DLLM's probes over all holes, as it is and corrected."""
    raw, freed = np.mean([(hole.confidence, corrected(hole.confidence)) for hole in holes], 0)
    probed = [(length, LENGTHS.index(length)) for length in PROBES]
    return [{"length": length, "raw": round(float(raw[at]), 3), "corrected": round(float(freed[at]), 3)} for length, at in probed]
