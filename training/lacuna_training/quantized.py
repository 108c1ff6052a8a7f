"""Weights as an import makes them, so that a network that is trained beside a verifier learns from the one that ships."""

from __future__ import annotations

import torch
from torch import Tensor

# Largest code of a row: see src/convert/weights/roundRows.ts.
PEAK = 63
BLOCK = 64
# Values that are rounded at once: few enough to stay in the caches.
_PORTION = 1 << 18
PLANS = ("none", "rows", "int4", "mixed")
# Of the plan "mixed" these matrices have 4 bits, under our names and under Hugging Face's; the rest has 8, which is as good as exact.
FOUR_BITS = ("gate_up_proj", "gate_proj", "up_proj")


def has_four_bits(name: str) -> bool:
    """Whether a matrix of this name has 4 bits in the plan "mixed"."""
    return name.split(".")[-2] in FOUR_BITS


def rounded_rows(matrix: Tensor) -> Tensor:
    """The weights [rows, columns] that 8-bit codes with one scale a row stand for; fp32."""
    values = matrix.float()
    peak = values.abs().amax(1, keepdim=True)
    inverse = torch.where(peak == 0, 0, PEAK / peak)
    return (values * inverse + (PEAK + 0.5)).floor_().sub_(PEAK) * (peak / PEAK)


def rounded_blocks(matrix: Tensor, block: int = BLOCK) -> Tensor:
    """The weights [rows, columns] that 4-bit codes with one scale a block of a row stand for; `block` divides the columns; fp32."""
    values = matrix.float().flatten()
    result = torch.empty_like(values)
    round_blocks(values, result, block)
    return result.view(matrix.shape)


def round_blocks(values: Tensor, into: Tensor, block: int = BLOCK) -> None:
    """Writes `values`, a flat vector of whole blocks, into `into` as 4-bit codes with one scale a block stand for them.

    The value of the largest magnitude lands on code 0, the one without a mirror image: see src/convert/weights/quantize.ts.
    """
    for begin in range(0, len(values), _PORTION):
        part = values[begin : begin + _PORTION].view(-1, block)
        low, high = part.amin(1, keepdim=True), part.amax(1, keepdim=True)
        scale = torch.where(-low > high, low, high) / -8
        codes = part.div(torch.where(scale == 0, 1, scale)).add_(8.5).floor_().clamp_(0, 15).sub_(8)
        into[begin : begin + _PORTION] = codes.mul_(scale).flatten()


def rounded(name: str, matrix: Tensor, plan: str) -> Tensor:
    """The matrix `name` as the weight plan `plan` of an import stands for it."""
    if plan not in PLANS:
        raise ValueError(f"no weight plan {plan}; there are {', '.join(PLANS)}")
    if plan == "mixed":
        plan = "int4" if has_four_bits(name) else "none"
    return {"none": lambda m: m, "rows": rounded_rows, "int4": rounded_blocks}[plan](matrix)
