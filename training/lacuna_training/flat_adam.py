"""AdamW over one flat vector of fp32 masters, of which each worker steps its own slice; with an average of the weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def flat_slices(model: nn.Module) -> list[tuple[str, slice]]:
    """Each parameter's place in the flat vector, matrices first, so that one border parts what decays from what does not."""
    result, at = [], 0
    for wanted in (True, False):
        for name, parameter in model.named_parameters():
            if (parameter.dim() >= 2) == wanted:
                result.append((name, slice(at, at + parameter.numel())))
                at += parameter.numel()
    return result


class FlatAdam:
    """`masters`, `first`, `second` and `average` are fp32 vectors that the workers share; `step` updates [begin, end) of them."""

    def __init__(
        self, masters: Tensor, first: Tensor, second: Tensor, average: Tensor, begin: int, end: int, decay_until: int, weight_decay: float
    ) -> None:
        self._parts = []
        for low, high, decay in ((begin, min(end, decay_until), weight_decay), (max(begin, decay_until), end, 0.0)):
            if low < high:
                self._parts.append(
                    ([vector[low:high] for vector in (masters, first, second, average)], slice(low - begin, high - begin), decay)
                )

    def step(self, gradient: Tensor, rate: float, step: int, average_decay: float) -> None:
        """One update, the `step`-th from 1, by this worker's slice of the gradient, fp32."""
        for (master, first, second, average), part, decay in self._parts:
            torch._fused_adamw_(
                [master], [gradient[part]], [first], [second], [], [torch.tensor(float(step), device=master.device)],
                lr=rate, beta1=0.9, beta2=0.95, weight_decay=decay, eps=1e-8, amsgrad=False, maximize=False,
            )  # fmt: skip
            average.lerp_(master, 1 - average_decay)
