"""Rows for the verifier: one stream a row, all rows of a batch of one length."""

from __future__ import annotations

import random

import torch
from torch import Tensor

from lacuna_training.samples import StreamSource

# A stream teaches one middle and its end, so most streams are short; the rest keep long files in sight.
LENGTHS = (192, 384, 768, 2048)
SHARES = (0.35, 0.3, 0.25, 0.1)
# What is written between a prefix and a suffix is what the model is for, and few tokens of a stream are that.
MIDDLE_WEIGHT = 3.0


class VerifierRows:
    """Batches of about `tokens` tokens, of a length drawn anew for each; no length above `context`."""

    def __init__(self, source: StreamSource, tokens: int, context: int, seed: int) -> None:
        self._source, self._tokens = source, tokens
        self._lengths = [min(length, context) for length in LENGTHS]
        self._random = random.Random(seed)

    def draw(self) -> tuple[Tensor, Tensor, Tensor]:
        """tokens, targets (the next token; -100 behind a stream's end) and loss weights, each [rows, length]."""
        length = self._random.choices(self._lengths, SHARES)[0]
        streams = [self._source.draw(length - 1) for _ in range(max(1, self._tokens // length))]
        # Not cut to the longest stream: a compiled step wants few shapes, and nearly every batch has a full row.
        tokens = torch.zeros(len(streams), length, dtype=torch.long)
        targets = torch.full((len(streams), length), -100)
        weights = torch.ones(targets.shape)
        for row, stream in enumerate(streams):
            marked = stream.marked()
            size = len(marked)
            tokens[row, :size] = torch.tensor(marked)
            targets[row, : size - 1] = tokens[row, 1:size]
            targets[row, max(0, stream.middle - 1)] = -100  # where a hole begins is the person's choice
            weights[row, stream.middle : size] = MIDDLE_WEIGHT if stream.suffix else 1.0
        return tokens, targets, weights
