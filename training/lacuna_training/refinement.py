"""How a reader decides a middle of known length, pass by pass, and what two refinements from the literature are worth to it.

Latent refinement (arXiv 2510.11052): slots that are undecided are no masks but mixtures of the mask and the tokens they may hold.
Editing (arXiv 2510.24605): slots of a finished middle that are unlikely beside the others are masked and decided again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lacuna_training.frozen_verifier import FrozenVerifier, Reading
from lacuna_training.reader import INFILL, MASK, Reader
from lacuna_training.reader_data import LaidOut, padded


@dataclass(frozen=True)
class Rule:
    """`mixture` of undecided slots at most, 0 leaves masks; slots as likely as `sure` are decided together, at least one a pass;
    all are once no slot's distribution moves by `settled` nats between passes; finished slots below `again` are decided once more."""

    mixture: float = 0.0
    sure: float = 0.9
    settled: float = 0.0
    again: float = 0.0


@dataclass
class Middle:
    tokens: list[int]
    passes: int


class Canvas:
    """One canvas behind one row that was read."""

    def __init__(self, reader: Reader, reading: Reading, at: int, row: LaidOut) -> None:
        anchor = row.middle - 1
        self.reader = reader
        self._anchors = torch.tensor([[anchor]])
        self._known = row.tokens[anchor]
        self._cache = [(keys[at : at + 1], values[at : at + 1]) for keys, values in reading.keys_values]
        self._last = reading.hidden[at, anchor - 1][None, None]

    def log_shares(self, slots: Tensor, guesses: Tensor | None) -> Tensor:
        """One pass over slots [slots] of ids or MASK: log-probabilities [slots, head_tokens] of their tokens; END is none."""
        reader = self.reader
        inputs = torch.cat([torch.tensor([self._known]), slots])[None, None]
        if guesses is not None:  # the anchor is decided, and has none
            guesses = torch.cat([torch.zeros_like(guesses[:1]), guesses])[None, None]
        lengths = torch.tensor([[len(slots) + 1]])
        hidden = reader(inputs, lengths, self._anchors, self._cache, self._last, INFILL, guesses)[0, 0, :-1]
        before = inputs[0, 0, :-1]
        classes = torch.where(before == MASK, -1, reader.class_of[before.clamp(min=0)])
        return reader.logits(hidden, reader.before(classes))[:, :-1].float().log_softmax(-1)


@torch.no_grad()
def decide(canvas: Canvas, count: int, rule: Rule) -> Middle:
    """Fills `count` slots."""
    slots, passes = _fill(canvas, torch.full((count,), MASK), rule)
    if rule.again == 0:
        return Middle(slots.tolist(), passes)
    chances = canvas.log_shares(slots, None).exp()
    own = chances.gather(-1, canvas.reader.class_of[slots].clamp(max=chances.shape[-1] - 1)[:, None])[:, 0]
    doubtful = torch.where(own < rule.again, MASK, slots)
    if (doubtful == slots).all():
        return Middle(slots.tolist(), passes + 1)
    slots, further = _fill(canvas, doubtful, rule)
    return Middle(slots.tolist(), passes + 1 + further)


def _fill(canvas: Canvas, slots: Tensor, rule: Rule) -> tuple[Tensor, int]:
    reader, passes, guesses, before = canvas.reader, 0, None, None
    while (slots == MASK).any():
        found = canvas.log_shares(slots, guesses)
        passes += 1
        highest, classes = found.max(-1)
        undecided = slots == MASK
        chosen = undecided & (highest.exp() >= rule.sure)
        chosen[torch.where(undecided, highest, -torch.inf).argmax()] = True
        if before is not None and rule.settled > 0:
            moved = (found.exp() * (found - before)).sum(-1)
            if bool((moved[undecided] < rule.settled).all()):
                chosen = undecided
        slots = torch.where(chosen, reader.token_of[classes], slots)
        before = found
        if rule.mixture > 0:
            shares = found.exp()
            entropy = -(shares * found).sum(-1)
            parts = rule.mixture * (1 - entropy / math.log(found.shape[-1]))
            guesses = reader.guess(shares.to(reader.mask.dtype), parts.to(reader.mask.dtype))
    return slots, passes


@torch.no_grad()
def compare(reader: Reader, verifier: FrozenVerifier, rows: Sequence[LaidOut], rules: Sequence[Rule], batch: int = 8) -> list[dict]:
    """For each rule, over the middles of rows at their true lengths: slots right, middles right to the letter, passes a middle."""
    found = [{"rule": vars(rule), "slots": 0, "right": 0, "exact": 0, "passes": 0} for rule in rules]
    for first in range(0, len(rows), batch):
        part = rows[first : first + batch]
        reading = verifier.read(padded([row.tokens for row in part]), list(reader.config.reads))
        for at, row in enumerate(part):
            wanted = row.tokens[row.middle : -1]
            canvas = Canvas(reader, reading, at, row)
            for counts, rule in zip(found, rules, strict=True):
                middle = decide(canvas, len(wanted), rule)
                same = sum(token == true for token, true in zip(middle.tokens, wanted, strict=True))
                counts["slots"] += len(wanted)
                counts["right"] += same
                counts["exact"] += same == len(wanted)
                counts["passes"] += middle.passes
    return found
