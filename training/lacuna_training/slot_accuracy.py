"""How often a diffuser's arg-max is right in one pass over an all-mask canvas, on text it has not seen."""

from __future__ import annotations

import random

import torch

from lacuna_training import canvases, model
from lacuna_training.samples import Stream, StreamSource

DRAFT_SLOTS = 8
CONTEXT = 384


@torch.no_grad()
def slot_accuracy(network: model.Qwen2, source: StreamSource, streams: int = 200) -> dict:
    """Share of right slots: of drafts slot by slot, of infilling canvases at the true length, first slot and all."""
    rng = random.Random(7)
    drafted = torch.zeros(DRAFT_SLOTS)
    infilled, slots, firsts, holes = 0, 0, 0, 0
    for _ in range(streams):
        stream = source.draw(CONTEXT)
        anchor = rng.randrange(stream.start, max(stream.start + 1, len(stream.tokens) - DRAFT_SLOTS - 1))
        right = _right(network, stream, canvases.draft(stream, anchor, DRAFT_SLOTS, 1.0, 0.0, rng))
        drafted[: len(right)] += right
        if stream.ends and 0 < len(stream.tokens) - 1 - stream.middle <= 32:
            right = _right(network, stream, canvases.infill(stream, stream.middle, 0.0, rng))
            infilled, slots = infilled + int(right.sum()), slots + len(right)
            firsts, holes = firsts + int(right[0]), holes + 1
    return {
        "draft_slots_right": [round(float(share), 3) for share in drafted / streams],
        "infill_slots_right": round(infilled / max(1, slots), 3),
        "infill_first_slot_right": round(firsts / max(1, holes), 3),
    }


def canvas_logits(network: model.Qwen2, stream: Stream, canvas: canvases.Canvas) -> torch.Tensor:
    """Logits [canvas tokens, vocabulary] of one canvas behind its stream."""
    tokens = torch.tensor([[*stream.tokens[: canvas.anchor], *canvas.tokens]])
    size, anchor = tokens.shape[1], canvas.anchor
    allowed = torch.ones(size, size, dtype=torch.bool).tril()
    allowed[anchor:, anchor:] = True
    dtype = network.embed_tokens.weight.dtype
    mask = torch.zeros(allowed.shape, dtype=dtype).masked_fill_(~allowed, float("-inf"))[None, None]
    return network.logits(network(tokens, mask=mask)[0, anchor:])


def _right(network: model.Qwen2, stream: Stream, canvas: canvases.Canvas) -> torch.Tensor:
    """1.0 where the arg-max is the target, [masked slots]."""
    logits = canvas_logits(network, stream, canvas)
    targets = torch.tensor(canvas.targets)
    learned = targets != -100
    return (logits.argmax(dim=-1) == targets)[learned].float()
