"""Cross-entropy of the reader's head, a slice of rows at a time, its gradient taken in the forward pass."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from lacuna_training.reader import Reader

SLICE = {"cpu": 512, "cuda": 8192}


class _Head(torch.autograd.Function):
    """Sum of weight * cross-entropy(hidden @ [rows; end].T + before @ following.T, targets); rows are frozen.

    targets [slots, count] classes and shares [slots, count], which sum to 1. Also returned: whether the arg-max is the first target.
    """

    @staticmethod
    def forward(ctx, hidden, before, rows, end, following, targets, shares, weights):  # noqa: ANN001, ANN205
        total = torch.zeros((), device=hidden.device)
        right = torch.empty(len(targets), dtype=torch.bool, device=hidden.device)
        grads = [torch.empty_like(hidden), torch.empty_like(before)]
        sums = [torch.zeros(each.shape, device=hidden.device) for each in (end, following)]
        size, tokens = SLICE[hidden.device.type], len(rows)
        for begin in range(0, len(targets), size):
            part = slice(begin, begin + size)
            logits = (before[part] @ following.T).float()
            logits[:, :tokens] += hidden[part] @ rows.T
            logits[:, tokens:] += hidden[part] @ end.T
            index, share = targets[part], shares[part]
            right[part] = logits.argmax(-1) == index[:, 0]
            log_sum = torch.logsumexp(logits, dim=-1, keepdim=True)
            total += ((log_sum - logits.gather(1, index)) * share).sum(-1) @ weights[part]
            logits.sub_(log_sum).exp_()
            logits.scatter_add_(1, index, -share)
            gradient = logits.mul_(weights[part, None]).to(hidden.dtype)
            grads[0][part] = gradient[:, :tokens] @ rows + gradient[:, tokens:] @ end
            grads[1][part] = gradient @ following
            sums[0] += gradient[:, tokens:].T @ hidden[part]
            sums[1] += gradient.T @ before[part]
        ctx.save_for_backward(*grads, *sums)
        ctx.mark_non_differentiable(right)
        return total, right

    @staticmethod
    def backward(ctx, grad: Tensor, _: Tensor) -> tuple:  # noqa: ANN001
        hidden, before, end, following = ctx.saved_tensors
        scale = grad.to(hidden.dtype)
        return hidden * scale, before * scale, None, (end * grad).to(hidden.dtype), (following * grad).to(hidden.dtype), None, None, None


# Of the loss of a slot: what the question whether its arg-max is right counts.
CERTAINTY_SHARE = 0.1


def slot_loss(
    reader: Reader, hidden: Tensor, previous: Tensor, targets: Tensor, shares: Tensor, weights: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Weighted sums over slots: the loss to go backward from, and its cross-entropy alone; and which arg-maxes are right [slots].

    hidden [slots, hidden]; previous [slots] classes of the tokens before them, -1 where undecided; targets [slots, count] classes, of
    which the first is the right one, and shares [slots, count] of what is to be learned, which sum to 1.
    """
    *_, rows = reader.frozen
    before = reader.before(previous)
    loss, right = _Head.apply(hidden, before, rows, reader.end, reader.following, targets, shares, weights)
    certain = F.binary_cross_entropy_with_logits(reader.certainty(hidden, before).float(), right.float(), weights, reduction="sum")
    return loss + CERTAINTY_SHARE * certain, loss.detach(), right
