"""What an import with `--weights int4` makes of weights, so that training can reckon with it."""

from __future__ import annotations

import torch
from torch import Tensor

BLOCK = 64
# Values that are rounded at once: few enough to stay in the caches.
_PORTION = 1 << 18


def round_int4(values: Tensor, into: Tensor, block: int = BLOCK) -> None:
    """Writes `values`, a flat vector of whole blocks, into `into` as 4-bit codes with one scale a block stand for them.

    Symmetric: the value of the largest magnitude of a block lands on code 0, the one without a mirror image.
    """
    for begin in range(0, len(values), _PORTION):
        part = values[begin : begin + _PORTION].view(-1, block)
        low, high = part.amin(1, keepdim=True), part.amax(1, keepdim=True)
        scale = torch.where(-low > high, low, high) / -8
        codes = part.div(torch.where(scale == 0, 1, scale)).add_(8.5).floor_().clamp_(0, 15).sub_(8)
        into[begin : begin + _PORTION] = codes.mul_(scale).flatten()
