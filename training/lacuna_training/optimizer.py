"""Muon for the matrices inside the layers, AdamW for the rest, on fp32 masters of a bf16 model."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class MasterOptimizer:
    """Keeps fp32 copies of a low-precision model's parameters and steps those.

    bf16 holds 8 bits of mantissa: small updates vanish in it, so the updates are applied to the masters and
    the model is refreshed from them.
    """

    def __init__(self, model: nn.Module, muon_rate: float, adam_rate: float, weight_decay: float = 0.05) -> None:
        self._pairs: list[tuple[nn.Parameter, nn.Parameter]] = []
        matrices, others = [], []
        for name, parameter in model.named_parameters():
            master = nn.Parameter(parameter.detach().float().clone())
            self._pairs.append((parameter, master))
            (matrices if parameter.dim() == 2 and "embed" not in name else others).append(master)
        self._muon = torch.optim.Muon(
            matrices, lr=muon_rate, momentum=0.95, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw"
        )
        self._adam = torch.optim.AdamW(others, lr=adam_rate, betas=(0.9, 0.95), weight_decay=0.0, fused=True)
        self._rates = (muon_rate, adam_rate)

    def step(self, scale: float, clip: float = 1.0) -> Tensor:
        """One update at `scale` times the base rates from the gradients in the model; returns the gradient norm."""
        for parameter, master in self._pairs:
            if parameter.grad is not None:
                master.grad = parameter.grad.float()
                parameter.grad = None
        norm = nn.utils.clip_grad_norm_([master for _, master in self._pairs], clip)
        for optimizer, rate in zip((self._muon, self._adam), self._rates, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = rate * scale
            optimizer.step()
            optimizer.zero_grad()
        with torch.no_grad():
            for parameter, master in self._pairs:
                parameter.copy_(master)
        return norm

    def masters(self) -> list[Tensor]:
        return [master.detach() for _, master in self._pairs]

    def state_dict(self) -> dict:
        return {"masters": self.masters(), "muon": self._muon.state_dict(), "adam": self._adam.state_dict()}

    def load_state_dict(self, state: dict) -> None:
        with torch.no_grad():
            for (parameter, master), saved in zip(self._pairs, state["masters"], strict=True):
                master.copy_(saved)
                parameter.copy_(saved)
        self._muon.load_state_dict(state["muon"])
        self._adam.load_state_dict(state["adam"])
