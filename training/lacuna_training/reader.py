"""The reader: a small diffuser without a context of its own. Its canvas attends to the verifier's key-value cache.

A canvas is the anchor, the last known token, which is not in the cache yet, and slots behind it, each a mask or a decided token. The
anchor stands at position p and sees what the cache holds before p; slot i stands at p + i. Inside a canvas everything sees everything.
Layer i reads the keys and values of one verifier layer and begins as something like it (`reader_fit`). As there, a place says which token
comes next: slot i is told at the place before it, slot 1 at the anchor. A draft, all of whose slots are masks, has no place for its last slot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lacuna_training.frozen_verifier import Block, FrozenVerifier, Shape, rotary

MASK = -1  # an undecided slot, where token ids are asked for
DRAFT, INFILL = 0, 1  # the two roles of one network


@dataclass(frozen=True)
class ReaderConfig:
    """`reads[i]` is the verifier layer that layer i reads; `units` is what is left of each MLP; `rank` of the sequential head.

    `is_autoregressive`: it writes a token a pass, as `autoregressive` says.
    """

    shape: Shape
    reads: tuple[int, ...]
    units: int
    head_tokens: int
    rank: int = 64
    slots: int = 64
    is_autoregressive: bool = False

    def described(self) -> dict:
        return asdict(self) | {"reads": list(self.reads)}

    @staticmethod
    def of_run(kept: dict, shape: Shape) -> ReaderConfig:
        """From what `described` gave, for the verifier's shape."""
        return ReaderConfig(**kept | {"shape": shape, "reads": tuple(kept["reads"])})


class Reader(nn.Module):
    """Parameters are what is trained; what is the verifier's own is attached: embedding, final norm, rows of the head.

    Classes of the head: the `head_tokens` in their order, then END, which says that a slot is surplus.
    """

    def __init__(self, config: ReaderConfig) -> None:
        super().__init__()
        self.config = config
        hidden = config.shape.hidden
        self.layers = nn.ModuleList(Block(config.shape, config.units) for _ in config.reads)
        self.input_map = nn.Linear(hidden, hidden, bias=False)
        self.hidden_map = nn.Linear(hidden, hidden, bias=False)
        self.mask = nn.Parameter(torch.zeros(1, hidden))
        self.slots = nn.Parameter(torch.zeros(config.slots + 1, hidden))
        self.roles = nn.Parameter(torch.zeros(2, hidden))
        self.end = nn.Parameter(torch.zeros(1, hidden))
        # The sequential head: logits of a slot += following @ previous[token before it]. Rows: classes, and one for any other token.
        self.previous = nn.Parameter(torch.zeros(config.head_tokens + 2, config.rank))
        self.following = nn.Parameter(torch.zeros(config.head_tokens + 1, config.rank))
        self.confidence = nn.Linear(hidden + config.rank, 1)

    def attach(self, verifier: FrozenVerifier, head_tokens: Tensor, scales: tuple[Tensor, Tensor] | None = None) -> Reader:
        """Takes the frozen parts from the verifier; head_tokens [head_tokens] are ids in the order of the classes.

        `scales` [hidden] divide embeddings and last hidden states before their maps, which learn badly where one dimension is as large
        as a hundred others; an export has them inside the maps.
        """
        one = verifier.norm.weight.new_ones(1)
        self.token_scale, self.state_scale = scales or (one, one)
        class_of = torch.full((verifier.shape.vocabulary,), self.config.head_tokens + 1, device=head_tokens.device)
        class_of[head_tokens] = torch.arange(len(head_tokens), device=head_tokens.device)
        rows = verifier.head[head_tokens.to(verifier.head.device)].contiguous()
        self.frozen = (verifier.embed_tokens.weight, verifier.norm, rows)
        self.token_of = torch.cat([head_tokens, head_tokens.new_tensor([-1, -1])])
        self.class_of = class_of
        return self

    def forward(
        self, inputs: Tensor, lengths: Tensor, anchors: Tensor, keys_values: list, last: Tensor, role: int, guesses: Tensor | None = None
    ) -> Tensor:
        """What the head reads at each place for the slot behind it: [rows, canvases, places, hidden].

        inputs [rows, canvases, places] ids or MASK, the anchor first; lengths [rows, canvases] of each canvas, anchor included;
        anchors [rows, canvases] positions, also how much of the cache is seen; keys_values per layer K, V [rows, kv_heads, length, size];
        last [rows, canvases, hidden] the verifier's final hidden state one before the anchor; guesses [rows, canvases, places, hidden],
        as `guess` makes them, stand where inputs are undecided, masks without them.
        """
        rows, canvases, size = inputs.shape
        embedding, norm, _ = self.frozen
        undecided = self.mask if guesses is None else guesses
        x = torch.where((inputs == MASK)[..., None], undecided, self.input_map(F.embedding(inputs.clamp(min=0), embedding) / self.token_scale))
        x = x + self.slots[:size] + self.roles[role] + self.hidden_map(last / self.state_scale)[:, :, None]
        x = x.reshape(rows, canvases * size, -1)
        steps = torch.arange(size, device=inputs.device)
        cos, sin = rotary(self.config.shape, (anchors[..., None] + steps).view(rows, -1), x.dtype)
        own = steps < lengths[..., None]  # [rows, canvases, size]
        for layer, (keys, values) in zip(self.layers, keys_values, strict=True):
            q, k, v = layer.project(x, cos, sin)
            x = layer.finish(x, attend(q, k, v, keys, values, anchors, own))
        return norm(x).view(rows, canvases, size, -1)

    def guess(self, shares: Tensor, parts: Tensor) -> Tensor:
        """Mixtures of the mask and what slots may hold: shares [..., head_tokens] of their tokens, of which parts [...] are taken."""
        embedding, *_ = self.frozen
        expected = shares @ F.embedding(self.token_of[: shares.shape[-1]], embedding)
        return (1 - parts)[..., None] * self.mask + parts[..., None] * self.input_map(expected / self.token_scale)

    @torch.no_grad()
    def likeliest(self, hidden: Tensor, count: int) -> tuple[Tensor, Tensor]:
        """The verifier's likeliest tokens among those of the head, the likeliest first, and their probabilities among these, both [n, count].

        hidden [n, hidden] is the verifier's own. A head of all tokens would cost more than the rest of a step where the vocabulary is large.
        """
        *_, rows = self.frozen
        tokens, shares = [], []
        for part in hidden.split(512):
            logits = (part @ rows.T).float()
            highest, classes = logits.topk(count)
            tokens.append(self.token_of[classes])
            shares.append((highest - logits.logsumexp(-1, keepdim=True)).exp())
        return torch.cat(tokens), torch.cat(shares)

    def before(self, classes: Tensor) -> Tensor:
        """classes [...] of the tokens before slots -> [..., rank]; zero where the class is -1: that slot is undecided."""
        return torch.where((classes >= 0)[..., None], F.embedding(classes.clamp(min=0), self.previous), 0)

    def logits(self, hidden: Tensor, before: Tensor) -> Tensor:
        """hidden [..., hidden], before [..., rank] -> [..., head_tokens + 1]."""
        *_, rows = self.frozen
        return torch.cat([hidden @ rows.T, hidden @ self.end.T], dim=-1) + before @ self.following.T

    def certainty(self, hidden: Tensor, before: Tensor) -> Tensor:
        """Logit of the chance that the arg-max of a slot is right; the slot's features are not changed by learning it."""
        return self.confidence(torch.cat([hidden.detach(), before.detach()], dim=-1))[..., 0]

    @torch.no_grad()
    def draft_behind(self, known: Tensor, anchors: Tensor, keys_values: list, last: Tensor, slots: int) -> tuple[Tensor, Tensor]:
        """Drafted ids and certainties, both [canvases, slots], behind tokens known [canvases] at anchors [canvases] of one row that was read.

        keys_values per layer K, V [1, kv_heads, length, size]; last [canvases, hidden] as for `forward`.
        """
        inputs = torch.full((1, len(known), slots), MASK, device=known.device)
        inputs[0, :, 0] = known
        hidden = self(inputs, torch.full_like(inputs[..., 0], slots), anchors[None], keys_values, last[None], DRAFT)[0]
        return self.draft(hidden, known)

    @torch.no_grad()
    def draft(self, hidden: Tensor, anchor_tokens: Tensor) -> tuple[Tensor, Tensor]:
        """From hidden [canvases, slots, hidden] of one pass: drafted ids and certainties, both [canvases, slots], from left to right."""
        tokens, certainties, last = [], [], self.class_of[anchor_tokens]
        for slot in range(hidden.shape[1]):
            before = self.before(last)
            last = self.logits(hidden[:, slot], before)[:, :-1].argmax(-1)
            tokens.append(self.token_of[last])
            certainties.append(self.certainty(hidden[:, slot], before))
        return torch.stack(tokens, 1), torch.stack(certainties, 1)


def attend(q: Tensor, k: Tensor, v: Tensor, keys: Tensor, values: Tensor, anchors: Tensor, own: Tensor) -> Tensor:
    """Canvases that share a cache: each sees the cache before its anchor, and itself where `own` [rows, canvases, size] says.

    q [rows, heads, canvases * places, head_dim], where places are all of a canvas or some; k and v [rows, kv_heads, canvases * size, head_dim];
    keys, values [rows, kv_heads, length, head_dim].
    """
    rows, heads, asked, width = q.shape
    _, canvases, own_size = own.shape
    kv_heads, length = keys.shape[1], keys.shape[2]
    groups, size = heads // kv_heads, asked // canvases
    q = q.view(rows, kv_heads, groups, canvases, size, width).transpose(2, 3).reshape(rows, kv_heads, canvases, groups * size, width)
    k, v = (part.reshape(rows, kv_heads, canvases, own_size, width) for part in (k, v))
    q = q * width**-0.5
    far = (q.reshape(rows, kv_heads, -1, width) @ keys.transpose(-1, -2)).view(rows, kv_heads, canvases, groups * size, length)
    near = q @ k.transpose(-1, -2)
    seen = torch.arange(length, device=q.device) < anchors[..., None]  # [rows, canvases, length]
    allowed = torch.cat([seen, own], dim=-1)[:, None, :, None]
    weights = torch.cat([far, near], dim=-1).masked_fill(~allowed, float("-inf")).softmax(-1)
    far, near = weights.split([length, own_size], dim=-1)
    attended = (far.reshape(rows, kv_heads, -1, length) @ values).view(rows, kv_heads, canvases, groups * size, width) + near @ v
    attended = attended.view(rows, kv_heads, canvases, groups, size, width).permute(0, 2, 4, 1, 3, 5)
    return attended.reshape(rows, canvases * size, heads * width)


@torch.no_grad()
def streams(verifier: FrozenVerifier, tokens: Tensor, layers: int) -> Iterator[tuple[int, Tensor, Tensor]]:
    """For each of the first `layers`, on tokens [rows, length]: its index, its input [rows, length, hidden], and what attention says
    [rows, length, heads * size], before its projection."""
    x = verifier.embed_tokens(tokens)
    packed = verifier.packed() if verifier.uses_kernels(tokens.numel()) else None
    cos, sin = rotary(verifier.shape, torch.arange(tokens.shape[1], device=tokens.device)[None], x.dtype)
    groups = verifier.shape.heads // verifier.shape.kv_heads
    for index, layer in enumerate(verifier.layers[:layers]):
        qkv = layer.qkv_proj(layer.input_layernorm(x)) if packed is None else packed[index].qkv(x.flatten(0, 1)).view(*tokens.shape, -1)
        q, k, v = layer.rotated(qkv, cos, sin)
        k, v = (part.repeat_interleave(groups, dim=1) for part in (k, v))
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(*tokens.shape, -1)
        yield index, x, attended
        x = layer.finish(x, attended) if packed is None else packed[index].finish(x.flatten(0, 1), attended.flatten(0, 1)).view_as(x)


@torch.no_grad()
def input_scales(verifier: FrozenVerifier, tokens: Tensor) -> tuple[Tensor, Tensor]:
    """The size of each dimension [hidden] of embeddings and of last hidden states, over tokens [rows, length]."""
    found = verifier.embed_tokens(tokens), verifier.read(tokens, []).hidden
    embedded, hidden = (each.float().square().mean((0, 1)).sqrt().clamp(min=1e-4).to(each.dtype) for each in found)
    return embedded, hidden


@torch.no_grad()
def important_units(verifier: FrozenVerifier, tokens: Tensor, layers: tuple[int, ...], count: int) -> list[Tensor]:
    """For each of `layers` the `count` units of its MLP that do most on tokens [rows, length]: mean |activation| times norm of its column."""
    found = {}
    for index, x, attended in streams(verifier, tokens, max(layers) + 1):
        if index in layers:
            layer = verifier.layers[index]
            units = layer.units(x + layer.o_proj(attended)).float().abs().mean((0, 1))
            found[index] = (units * layer.down_proj.weight.float().norm(dim=0)).topk(count).indices.sort().values
    return [found[index] for index in layers]


@torch.no_grad()
def initialize(reader: Reader, verifier: FrozenVerifier, end_token: int, generator: torch.Generator) -> None:
    """All but layers, maps and mask, which `reader_fit` finds: END as the verifier's own end, nothing known of slots, roles, order."""
    reader.end.copy_(verifier.head[end_token])
    reader.previous.copy_(torch.randn(reader.previous.shape, generator=generator) * reader.config.rank**-0.5)
    for parameter in (reader.slots, reader.roles, reader.following, reader.confidence.weight, reader.confidence.bias):
        parameter.zero_()
