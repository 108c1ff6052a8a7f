"""Rows for the verifier: streams packed end to end."""

from __future__ import annotations

import torch
from torch import Tensor

from lacuna_training.samples import StreamSource


class VerifierRows:
    """`batch` rows of `length` tokens and their targets; a stream that does not fit is cut and its rest dropped."""

    def __init__(self, source: StreamSource, batch: int, length: int) -> None:
        self._source, self._batch, self._length = source, batch, length

    def draw(self) -> tuple[Tensor, Tensor]:
        """tokens [batch, length] and targets [batch, length], the next token; -100 across a stream's border."""
        tokens = torch.zeros(self._batch, self._length, dtype=torch.long)
        targets = torch.full((self._batch, self._length), -100)
        for row in range(self._batch):
            at = 0
            while at < self._length:
                stream = torch.tensor(self._source.draw().tokens)[: self._length - at]
                tokens[row, at : at + len(stream)] = stream
                targets[row, at : at + len(stream) - 1] = stream[1:]
                at += len(stream)
        return tokens, targets
