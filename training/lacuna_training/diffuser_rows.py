"""Rows for the diffuser: one context, many canvases.

A row is a clean stream (causal) followed by canvases. Each canvas has an anchor in the stream: it sees the stream
before its anchor and all of itself, and nothing sees it. So the context's keys and values never depend on a canvas,
a cached context is exact, and one row teaches many canvases at the price of one context.

    draft canvas   MASK * k  SEP                               the text goes on
    infill canvas  MASK * n  FIM_SUFFIX suffix[:8]             the text meets its suffix here

Some slots of infill canvases are shown, so that slots can be decided in any order.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from lacuna_training.samples import Stream
from lacuna_training.specials import FIM_SUFFIX, ID, MASK, SEP

SUFFIX_HEAD_TOKENS = 8
LONGEST_INFILL = 64
DRAFT_LENGTHS = (3, 3, 7, 7, 7, 11, 15, 31)


@dataclass(frozen=True)
class DiffuserBatch:
    """tokens, positions, targets, weights [batch, row]; mask [batch, 1, row, row], additive."""

    tokens: Tensor
    positions: Tensor
    targets: Tensor
    weights: Tensor
    mask: Tensor


@dataclass(frozen=True)
class Canvas:
    """A training canvas: input tokens, targets (-100 where there is nothing to learn), loss weights."""

    anchor: int
    tokens: list[int]
    targets: list[int]
    weights: list[float]


def draft_canvas(stream: Stream, anchor: int, length: int, first_weight: float, decay: float) -> Canvas:
    """The `length` tokens from `anchor` on, all masked; slot i weighs first_weight * decay**i.

    A drafted token counts only if all before it stand, so the first slots matter most.
    """
    truth = stream.tokens[anchor : anchor + length]
    targets = truth + [-100] * (length - len(truth)) + [-100]
    weights = [first_weight * decay**slot for slot in range(length)] + [0.0]
    return Canvas(anchor, [ID[MASK]] * length + [ID[SEP]], targets, weights)


def infill_canvas(stream: Stream, anchor: int, shown: float, rng: random.Random) -> Canvas:
    """Everything from `anchor` to the end of the middle; each slot is shown with probability `shown`."""
    truth = stream.tokens[anchor : len(stream.tokens) - 1]
    tail = [ID[FIM_SUFFIX], *stream.suffix[:SUFFIX_HEAD_TOKENS]]
    is_shown = [rng.random() < shown for _ in truth]
    tokens = [token if s else ID[MASK] for token, s in zip(truth, is_shown, strict=True)] + tail
    targets = [-100 if s else token for token, s in zip(truth, is_shown, strict=True)] + [-100] * len(tail)
    return Canvas(anchor, tokens, targets, [1.0] * len(tokens))


class Source(Protocol):
    def draw(self) -> Stream: ...


class DiffuserRows:
    """Rows of `context` stream tokens and `canvas` canvas tokens, a share of them over the verifier's own answers."""

    def __init__(
        self, source: Source, batch: int, context: int, canvas: int, seed: int, dtype: torch.dtype,
        first_weight: float = 3.0, decay: float = 0.8, share_infill: float = 0.45, answers: Source | None = None, share_answers: float = 0.5,
    ) -> None:  # fmt: skip
        self._answers, self._share_answers = answers, share_answers
        self._source, self._batch, self._context, self._canvas = source, batch, context, canvas
        self._random, self._dtype, self._share_infill = random.Random(seed), dtype, share_infill
        self._first_weight, self._decay = first_weight, decay

    def _stream(self) -> Stream:
        if self._answers is not None and self._random.random() < self._share_answers:
            return self._answers.draw()
        while True:
            stream = self._source.draw()
            if len(stream.tokens) >= max(8, stream.start + 2):
                return stream

    def _canvas_of(self, stream: Stream) -> Canvas:
        rng, end = self._random, len(stream.tokens) - 1
        if stream.ends and stream.middle < end and rng.random() < self._share_infill:
            first = max(stream.start, end - LONGEST_INFILL)
            anchor = stream.middle if first <= stream.middle and rng.random() < 0.3 else rng.randrange(first, end)
            return infill_canvas(stream, anchor, rng.choice([0.0, 0.0, rng.random()]), rng)
        anchor = rng.randrange(stream.start, max(stream.start + 1, end))
        return draft_canvas(stream, anchor, rng.choice(DRAFT_LENGTHS), self._first_weight, self._decay)

    def draw(self) -> DiffuserBatch:
        row_length = self._context + self._canvas
        tokens = torch.zeros(self._batch, row_length, dtype=torch.long)
        positions = torch.zeros(self._batch, row_length, dtype=torch.long)
        targets = torch.full((self._batch, row_length), -100)
        weights = torch.zeros(self._batch, row_length)
        allowed = torch.zeros(self._batch, row_length, row_length, dtype=torch.bool)
        diagonal = torch.arange(row_length)
        allowed[:, diagonal, diagonal] = True  # padding rows must see something
        causal = torch.ones(self._context, self._context, dtype=torch.bool).tril()
        allowed[:, : self._context, : self._context] = causal
        positions[:, : self._context] = torch.arange(self._context)
        for row in range(self._batch):
            stream = self._stream()
            tokens[row, : len(stream.tokens)] = torch.tensor(stream.tokens)
            at = self._context
            while at < row_length:
                canvas = self._canvas_of(stream)
                size = len(canvas.tokens)
                if at + size > row_length:
                    break
                span = slice(at, at + size)
                tokens[row, span] = torch.tensor(canvas.tokens)
                targets[row, span] = torch.tensor(canvas.targets)
                weights[row, span] = torch.tensor(canvas.weights)
                positions[row, span] = torch.arange(canvas.anchor, canvas.anchor + size)
                allowed[row, span, : canvas.anchor] = True
                allowed[row, span, span] = True
                at += size
        mask = torch.zeros(allowed.shape, dtype=self._dtype).masked_fill_(~allowed, float("-inf"))[:, None]
        return DiffuserBatch(tokens, positions, targets, weights, mask)
