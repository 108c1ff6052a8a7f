"""Rows for the diffuser: one context, many canvases.

A row is a clean stream (causal) followed by canvases. Each canvas sees the stream before its anchor and all of itself,
and nothing sees it. So the context's keys and values never depend on a canvas, a cached context is exact, and one row
teaches many canvases at the price of one context.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor

from lacuna_training import canvases
from lacuna_training.canvases import Canvas
from lacuna_training.samples import Stream

# Context tokens, canvas tokens and how often; most are short, so that most of a batch is canvas and holes are many.
SHAPES = ((160, 288), (320, 384), (704, 512), (1536, 512))
SHARES = (0.35, 0.35, 0.2, 0.1)
DRAFT_LENGTHS = (3, 7, 7, 15, 15, 31)


@dataclass(frozen=True)
class Mixture:
    """What rows are made of. Shares are of the loss, whatever the number of slots behind them."""

    draft: float = 0.45
    infill: float = 0.4
    flexible: float = 0.15
    # Weight of a draft's next slot against the one before: a drafted token counts only if all before it stand.
    decay: float = 0.95
    # How often a draft has some of its slots shown.
    partly_shown: float = 0.3
    # Share of rows whose stream is the verifier's own answer, if there are answers; those have drafts only.
    answers: float = 0.4

    def share(self, kind: str) -> float:
        return {"draft": self.draft, "infill": self.infill, "flexible": self.flexible}[kind]


# DEER's stages (arXiv 2512.15176): to distil the verifier, and then to sharpen what lies next to the boundary.
STAGES = {
    "distil": Mixture(),
    "boundary": Mixture(decay=0.8, partly_shown=0.0, answers=0.6),
}


@dataclass(frozen=True)
class DiffuserBatch:
    """All [batch, row]. Weights sum to at most 1.

    `canvas` numbers the canvas a token is in, 0 for the context and for padding; `anchor` is how many stream tokens a
    canvas token sees, 0 in the context.
    """

    tokens: Tensor
    positions: Tensor
    targets: Tensor
    weights: Tensor
    canvas: Tensor
    anchor: Tensor
    context: int

    def to(self, device: torch.device) -> DiffuserBatch:
        moved = {name: value.to(device, non_blocking=True) for name, value in vars(self).items() if isinstance(value, Tensor)}
        return replace(self, **moved)

    def mask(self, dtype: torch.dtype) -> Tensor:
        """Additive, [batch, 1, row, row]: context tokens see what is before them, canvas tokens their stream and their canvas."""
        index = torch.arange(self.tokens.shape[1], device=self.tokens.device)
        is_context = index < self.context
        causal = (index[None] <= index[:, None]) & is_context[:, None]
        own = (self.canvas[:, :, None] == self.canvas[:, None]) & (self.canvas[:, :, None] > 0)
        stream = index[None, None] < self.anchor[:, :, None]
        diagonal = index[None] == index[:, None]  # padding rows must see something
        allowed = causal[None] | own | stream | diagonal[None]
        return torch.zeros(allowed.shape, dtype=dtype, device=allowed.device).masked_fill_(~allowed, float("-inf"))[:, None]


class Source(Protocol):
    def draw(self, length: int) -> Stream: ...


class DiffuserRows:
    """Batches of about `tokens` tokens; no context above `longest_context`."""

    def __init__(
        self, source: Source, tokens: int, longest_context: int, seed: int, mixture: Mixture, answers: Source | None = None
    ) -> None:
        self._source, self._answers, self._mixture = source, answers, mixture
        self._tokens, self._random = tokens, random.Random(seed)
        self._shapes = [(min(context, longest_context), canvas) for context, canvas in SHAPES]

    def _stream(self, length: int) -> tuple[Stream, bool]:
        """A stream, and whether it is an answer."""
        if self._answers is not None and self._random.random() < self._mixture.answers:
            return self._answers.draw(length), True
        while True:
            stream = self._source.draw(length)
            if len(stream.tokens) >= max(8, stream.start + 2):
                return stream, False

    def _canvas_of(self, stream: Stream, is_answer: bool) -> Canvas:
        rng, mixture, end = self._random, self._mixture, len(stream.tokens) - 1
        roll = rng.random()
        if not is_answer and stream.ends and stream.middle < end and roll < 0.7:
            first = max(stream.start, end - canvases.LONGEST_INFILL)
            anchor = stream.middle if first <= stream.middle and rng.random() < 0.4 else rng.randrange(first, end)
            shown = rng.choice([0.0, rng.random()])
            make = canvases.infill if roll < 0.5 else canvases.flexible
            return make(stream, anchor, shown, rng)
        anchor = rng.randrange(stream.middle if is_answer else stream.start, max(stream.start + 1, end))
        shown = rng.random() if rng.random() < mixture.partly_shown else 0.0
        return canvases.draft(stream, anchor, rng.choice(DRAFT_LENGTHS), mixture.decay, shown, rng)

    def draw(self) -> DiffuserBatch:
        context, room = self._random.choices(self._shapes, SHARES)[0]
        length = context + room
        batch = max(1, self._tokens // length)
        tokens = torch.zeros(batch, length, dtype=torch.long)
        positions = torch.zeros(batch, length, dtype=torch.long)
        targets = torch.full((batch, length), -100)
        weights = torch.zeros(batch, length)
        canvas_ids = torch.zeros(batch, length, dtype=torch.int32)
        anchors = torch.zeros(batch, length, dtype=torch.int32)
        positions[:, :context] = torch.arange(context)
        spans: dict[str, list[tuple[int, slice]]] = {}
        count = 0
        for row in range(batch):
            stream, is_answer = self._stream(context)
            tokens[row, : len(stream.tokens)] = torch.tensor(stream.tokens)
            at = context
            while True:
                canvas = self._canvas_of(stream, is_answer)
                size = len(canvas.tokens)
                if at + size > length:
                    break
                span = slice(at, at + size)
                tokens[row, span] = torch.tensor(canvas.tokens)
                targets[row, span] = torch.tensor(canvas.targets)
                weights[row, span] = torch.tensor(canvas.weights)
                positions[row, span] = torch.arange(canvas.anchor, canvas.anchor + size)
                count += 1
                canvas_ids[row, span] = count
                anchors[row, span] = canvas.anchor
                spans.setdefault(canvas.kind, []).append((row, span))
                at += size
        weights[targets == -100] = 0.0
        for kind, places in spans.items():
            total = sum(float(weights[place].sum()) for place in places)
            for place in places:
                weights[place] *= self._mixture.share(kind) / max(total, 1e-6)
        return DiffuserBatch(tokens, positions, targets, weights, canvas_ids, anchors, context)
