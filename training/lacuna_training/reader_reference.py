"""What a reader computes, as plainly as can be: one canvas, one slot after another, from the exported tensors and a verifier's cache.

Nothing here is shared with the network that is trained. `tensors` are those of reader.safetensors (see reader_export), `settings` those
of reader.json; `own` holds what is the verifier's: "embedding" [vocabulary, hidden], "norm" [hidden], "head" [vocabulary, hidden].
"""

from __future__ import annotations

import torch
from torch import Tensor

MASK = -1
ROLES = {"draft": 0, "infill": 1}


def rms(x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    return x / (x.pow(2).mean(-1, keepdim=True) + epsilon).sqrt() * weight


def turned(x: Tensor, position: int, theta: float) -> Tensor:
    """x [heads, size], its first half turned against its second."""
    half = x.shape[-1] // 2
    angles = position * theta ** (-torch.arange(half) / half)
    first, second = x[:, :half], x[:, half:]
    return torch.cat([first * angles.cos() - second * angles.sin(), second * angles.cos() + first * angles.sin()], -1)


def canvas_states(settings: dict, tensors: dict, own: dict, cache: list, last: Tensor, position: int, canvas: list[int], role: str) -> Tensor:
    """What the head reads at each token of `canvas` for the slot behind it: [tokens, hidden]. The first is the anchor, at `position`.

    cache: for each layer that is read keys and values [position, kv_heads, size], rotated; last [hidden]: the verifier's final hidden
    state, after its final norm, of the token before the anchor.
    """
    verifier = settings["verifier"]
    heads, kv_heads, size, epsilon, theta = (verifier[name] for name in ("heads", "kv_heads", "head_dim", "epsilon", "theta"))
    stream = []
    for slot, token in enumerate(canvas):
        x = tensors["mask"][0] if token == MASK else tensors["input_map.weight"] @ own["embedding"][token]
        stream.append(x + tensors["slots"][slot] + tensors["roles"][ROLES[role]] + tensors["hidden_map.weight"] @ last)
    for index, (keys, values) in enumerate(cache):
        def weight(name: str, index: int = index) -> Tensor:
            return tensors[f"layers.{index}.{name}.weight"]

        def projected(x: Tensor, part: str, count: int, index: int = index) -> Tensor:
            bias = tensors.get(f"layers.{index}.self_attn.{part}_proj.bias", 0)
            return (tensors[f"layers.{index}.self_attn.{part}_proj.weight"] @ x + bias).view(count, size)

        queries, own_keys, own_values = [], [], []
        for slot, x in enumerate(stream):
            x = rms(x, weight("input_layernorm"), epsilon)
            q, k = projected(x, "q", heads), projected(x, "k", kv_heads)
            if f"layers.{index}.self_attn.q_norm.weight" in tensors:
                q, k = rms(q, weight("self_attn.q_norm"), epsilon), rms(k, weight("self_attn.k_norm"), epsilon)
            queries.append(turned(q, position + slot, theta))
            own_keys.append(turned(k, position + slot, theta))
            own_values.append(projected(x, "v", kv_heads))
        all_keys = torch.cat([keys[:position], torch.stack(own_keys)])
        all_values = torch.cat([values[:position], torch.stack(own_values)])
        following = []
        for x, q in zip(stream, queries, strict=True):
            attended = []
            for head in range(heads):
                group = head // (heads // kv_heads)
                shares = (all_keys[:, group] @ q[head] * size**-0.5).softmax(0)
                attended.append(shares @ all_values[:, group])
            x = x + weight("self_attn.o_proj") @ torch.cat(attended) + tensors.get(f"layers.{index}.self_attn.o_proj.bias", 0)
            inner = rms(x, weight("post_attention_layernorm"), epsilon)
            gate = weight("mlp.gate_proj") @ inner
            following.append(x + weight("mlp.down_proj") @ (gate * gate.sigmoid() * (weight("mlp.up_proj") @ inner)))
        stream = following
    return torch.stack([rms(x, own["norm"], epsilon) for x in stream])


def slot_logits(settings: dict, tensors: dict, own: dict, state: Tensor, before: int) -> Tensor:
    """Logits [head tokens + 1] of one slot; `before` is the token before it, or MASK where that is undecided."""
    rows = own["head"][torch.tensor(settings["headTokens"])]
    logits = torch.cat([rows @ state, tensors["end"] @ state])
    if before == MASK:
        return logits
    return logits + tensors["following"] @ tensors["previous"][_class_of(settings, before)]


def certainty(settings: dict, tensors: dict, state: Tensor, before: int) -> float:
    """Chance that the arg-max of a slot is right."""
    previous = torch.zeros(settings["rank"]) if before == MASK else tensors["previous"][_class_of(settings, before)]
    logit = tensors["confidence.weight"][0] @ torch.cat([state, previous]) + tensors["confidence.bias"][0]
    return float(logit.sigmoid())


def _class_of(settings: dict, token: int) -> int:
    tokens = settings["headTokens"]
    return tokens.index(token) if token in tokens else len(tokens) + 1


def draft(settings: dict, tensors: dict, own: dict, states: Tensor, anchor: int) -> list[int]:
    """Tokens of an all-masked draft canvas, each by arg-max given the one before; END is no token."""
    written = [anchor]
    for state in states:
        logits = slot_logits(settings, tensors, own, state, written[-1])[:-1]
        written.append(settings["headTokens"][int(logits.argmax())])
    return written[1:]
