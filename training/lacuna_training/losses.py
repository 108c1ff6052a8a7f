"""Weighted cross-entropy of a tied head, in slices, with its gradient taken in the forward pass."""

from __future__ import annotations

import torch
from torch import Tensor

from lacuna_training.model import Qwen2

# Rows of logits at a time: on a CPU what its caches hold, on a GPU what keeps it busy.
SLICE = {"cpu": 1024, "cuda": 16384}


class _TiedCrossEntropy(torch.autograd.Function):
    """sum over rows of weight * cross-entropy(hidden @ embedding.T, target).

    The logits of all rows would be the largest tensor of a step by far. Here they exist one slice at a time,
    and the gradient is formed while they do, so nothing is computed twice.
    """

    @staticmethod
    def forward(ctx, hidden: Tensor, embedding: Tensor, targets: Tensor, weights: Tensor) -> Tensor:  # noqa: ANN001
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        needs_gradient = ctx.needs_input_grad[0]
        grad_hidden = torch.empty_like(hidden) if needs_gradient else None
        grad_embedding = torch.zeros(embedding.shape, dtype=torch.float32, device=hidden.device) if needs_gradient else None
        size = SLICE[hidden.device.type]
        for begin in range(0, len(targets), size):
            rows = slice(begin, begin + size)
            logits = (hidden[rows] @ embedding.T).float()
            log_sum = torch.logsumexp(logits, dim=-1, keepdim=True)
            index = targets[rows, None]
            total += ((log_sum - logits.gather(1, index))[:, 0] * weights[rows]).sum()
            if grad_hidden is None or grad_embedding is None:
                continue
            logits.sub_(log_sum).exp_()
            logits.scatter_add_(1, index, torch.full(index.shape, -1.0, device=hidden.device))
            gradient = logits.mul_(weights[rows, None]).to(hidden.dtype)
            grad_hidden[rows] = gradient @ embedding
            grad_embedding += gradient.T @ hidden[rows]
        if grad_hidden is not None and grad_embedding is not None:
            ctx.save_for_backward(grad_hidden, grad_embedding)
        return total

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor, Tensor, None, None]:  # noqa: ANN001
        grad_hidden, grad_embedding = ctx.saved_tensors
        return grad_hidden * grad.to(grad_hidden.dtype), (grad_embedding * grad).to(grad_hidden.dtype), None, None


def weighted_loss(model: Qwen2, hidden: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
    """Mean of weight * cross-entropy over positions whose target is not -100.

    hidden [batch, length, hidden_size], targets and weights [batch, length]; the mean is per unit of weight.
    """
    chosen = targets != -100
    targets = targets[chosen]
    weights = torch.ones(len(targets), device=hidden.device) if weights is None else weights[chosen]
    weights = weights / weights.sum()
    return _TiedCrossEntropy.apply(hidden[chosen], model.embed_tokens.weight, targets, weights)
