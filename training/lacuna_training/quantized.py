"""Weights as an import makes them, so that a network that is trained beside a verifier learns from the one that ships."""

from __future__ import annotations

import torch
from torch import Tensor

# Largest code of a row: see src/convert/weights/roundRows.ts.
PEAK = 63
BLOCK = 64
PLANS = ("none", "rows", "int4")


def rounded_rows(matrix: Tensor) -> Tensor:
    """The weights [rows, columns] that 8-bit codes with one scale a row stand for; fp32."""
    values = matrix.float()
    peak = values.abs().amax(1, keepdim=True)
    inverse = torch.where(peak == 0, 0, PEAK / peak)
    return (values * inverse + (PEAK + 0.5)).floor_().sub_(PEAK) * (peak / PEAK)


def rounded_blocks(matrix: Tensor, block: int = BLOCK) -> Tensor:
    """The weights [rows, columns] that 4-bit codes with one scale a block of a row stand for; `block` divides the columns; fp32.

    The value of the largest magnitude lands on code 0, the one without a mirror image: see src/convert/weights/quantize.ts.
    """
    values = matrix.float().reshape(-1, block)
    low, high = values.amin(1, keepdim=True), values.amax(1, keepdim=True)
    scale = torch.where(-low > high, low, high) / -8
    codes = (values / torch.where(scale == 0, 1, scale) + 8.5).floor_().clamp_(0, 15).sub_(8)
    return (codes * scale).view(matrix.shape)


def rounded(matrix: Tensor, plan: str) -> Tensor:
    """`matrix` as the weight plan `plan` of an import stands for it."""
    if plan not in PLANS:
        raise ValueError(f"no weight plan {plan}; there are {', '.join(PLANS)}")
    return {"none": lambda m: m, "rows": rounded_rows, "int4": rounded_blocks}[plan](matrix)
