"""What a reader's training begins with, by least squares instead of copies: anchors that say what the verifier would say.

A canvas knows of an anchor its token and the verifier's last hidden state before it. A linear map of both already names the verifier's
arg-max at a fifth of the places, where layers copied as they are name none: their input is not what they know. So the stream of a reader
is that of the verifier's last layer from the beginning on, and each layer in turn is fitted: its queries, keys and values, and the units
of its MLP, to those of the verifier layer that it reads; what attention and MLP add, to what is still missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from lacuna_training.frozen_verifier import Block, FrozenVerifier, Shape, rotary
from lacuna_training.reader import Reader, attend, streams
from lacuna_training.reader_data import PADDING

# Of a row, the first places are not fitted: their streams are like no other's.
FIRST_PLACES = 5
RIDGE = 1e-3
# Places that are summed up at once.
PART = 4096


@dataclass
class _Read:
    """What a verifier layer says of a row: qkv [places, heads and twice kv_heads * size] before rotation; keys, values
    [1, kv_heads, length, size], rotated; units [places, 2 * kept], before the activation."""

    qkv: Tensor
    keys: Tensor
    values: Tensor
    units: Tensor


@dataclass
class _Row:
    """embedded, before and wanted [places, hidden]: of the token, the last hidden state before it, what the head reads at it."""

    embedded: Tensor
    before: Tensor
    wanted: Tensor
    reads: list[_Read]


@torch.no_grad()
def fit(reader: Reader, verifier: FrozenVerifier, units: list[Tensor], rows: Sequence[Tensor]) -> float:
    """Fits maps, mask and layers on rows of tokens [length]; `units` are those kept of each layer read. Returns the share of places
    whose arg-max is the verifier's."""
    seen = [_look(verifier, row, reader.config.reads, units) for row in rows if len(row) > 2 * FIRST_PLACES]
    # What is fitted on lies in memory at double precision where the verifier itself is exact, as it is in tests, and at single elsewhere.
    exact = torch.float64 if verifier.norm.weight.dtype == torch.float32 else torch.float32
    embedded, before, wanted = (torch.cat([getattr(row, name) for row in seen]).to(exact) for name in ("embedded", "before", "wanted"))
    # The stream in front of the last norm, but for its length.
    goal = wanted / verifier.norm.weight.to(exact).cpu()
    size = verifier.shape.hidden
    maps = _ridge(torch.cat([embedded, before], -1), goal).to(exact)
    of_token, of_hidden = maps[:, :size], maps[:, size:]
    x = embedded @ of_token.T + before @ of_hidden.T
    reader.input_map.weight.copy_(of_token * reader.token_scale.cpu())
    reader.hidden_map.weight.copy_(of_hidden * reader.state_scale.cpu())
    reader.mask.copy_((embedded @ of_token.T).mean(0, keepdim=True))
    for index, layer in enumerate(reader.layers):
        reads = [row.reads[index] for row in seen]
        for norm in (layer.input_layernorm, layer.post_attention_layernorm):
            norm.weight.fill_(1.0)
        theirs = verifier.layers[reader.config.reads[index]]
        for name, parameter in layer.named_parameters():
            if name.startswith(("q_norm", "k_norm")) or name == "qkv_proj.bias":
                parameter.copy_(dict(theirs.named_parameters())[name])
        wanted_qkv = torch.cat([read.qkv for read in reads]).to(exact)
        if theirs.qkv_proj.bias is not None:
            wanted_qkv -= theirs.qkv_proj.bias.to(exact).cpu()
        layer.qkv_proj.weight.copy_(_ridge(_normed(x), wanted_qkv))
        attended = _attended(layer, verifier.shape, x, reads).to(exact)
        layer.o_proj.weight.copy_(_ridge(attended, goal - x))
        if layer.o_proj.bias is not None:
            layer.o_proj.bias.zero_()
        x = x + attended @ layer.o_proj.weight.to(exact).T
        layer.gate_up_proj.weight.copy_(_ridge(_normed(x), torch.cat([read.units for read in reads]).to(exact)))
        size = layer.units(x.float()).square().mean(0).sqrt().clamp(min=1e-4)
        # Each unit about as large as any other: the way up in its place, the way down gives it back.
        layer.gate_up_proj.weight[len(size) :] /= size[:, None]
        said = layer.units(x.float()).to(exact)
        layer.down_proj.weight.copy_(_ridge(said, goal - x))
        x = x + said @ layer.down_proj.weight.to(exact).T
    device, dtype = verifier.norm.weight.device, verifier.norm.weight.dtype
    drafted = verifier.best(verifier.norm(x.to(device, dtype)))
    return float((drafted == verifier.best(wanted.to(device, dtype))).float().mean())


def _look(verifier: FrozenVerifier, row: Tensor, reads: tuple[int, ...], units: list[Tensor]) -> _Row:
    # Whole blocks of tokens are what the kernels read; nothing looks back at what is added.
    count = len(row)
    tokens = F.pad(row, (0, -count % PADDING))[None]
    found = {}
    cos, sin = rotary(verifier.shape, torch.arange(tokens.shape[1], device=row.device)[None], verifier.norm.weight.dtype)
    hidden = None
    for index, x, attended in streams(verifier, tokens, verifier.shape.layers):
        layer = verifier.layers[index]
        if index in reads:
            kept = units[reads.index(index)].to(row.device)
            qkv = layer.qkv_proj(layer.input_layernorm(x))
            _, keys, values = layer.rotated(qkv, cos, sin)
            gate, up = layer.gate_up_proj(layer.post_attention_layernorm(x + layer.o_proj(attended))).chunk(2, dim=-1)
            both = torch.cat([gate[..., kept], up[..., kept]], -1)
            cache = (part[:, :, :count].cpu().clone() for part in (keys, values))
            found[index] = _Read(_places(qkv, count), *cache, _places(both, count))
        if index == verifier.shape.layers - 1:
            hidden = verifier.norm(layer.finish(x, attended))[0, :count].cpu()
    embedded = verifier.embed_tokens(tokens)[0, :count].cpu()
    return _Row(embedded[FIRST_PLACES:], hidden[FIRST_PLACES - 1 : -1], hidden[FIRST_PLACES:], [found[index] for index in reads])


def _places(said: Tensor, count: int) -> Tensor:
    return said[0, FIRST_PLACES:count].cpu()


def _attended(layer: Block, shape: Shape, x: Tensor, reads: list[_Read]) -> Tensor:
    """Attention of anchors alone, all places of a row at once: each sees the cache before it, and itself."""
    found, at = [], 0
    for read in reads:
        count = len(read.qkv)
        stream = x[None, at : at + count].float()
        anchors = torch.arange(FIRST_PLACES, FIRST_PLACES + count)[None]
        cos, sin = rotary(shape, anchors, torch.float32)
        q, k, v = layer.project(stream, cos, sin)
        found.append(attend(q, k, v, read.keys.float(), read.values.float(), anchors, torch.ones(1, count, 1, dtype=torch.bool))[0])
        at += count
    return torch.cat(found)


def _normed(x: Tensor) -> Tensor:
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5)


def _ridge(known: Tensor, wanted: Tensor) -> Tensor:
    """Weights [wanted, known] of the linear map from known [places, known] to wanted [places, wanted], whatever the sizes of either.

    Sums over places are taken a part at a time at double precision, so that what is fitted on may lie in memory at a lower one.
    """
    scale = known.square().mean(0).sqrt().clamp(min=1e-9).double()
    products = RIDGE * len(known) * torch.eye(known.shape[1], dtype=torch.float64)
    both = torch.zeros(known.shape[1], wanted.shape[1], dtype=torch.float64)
    for mine, theirs in zip(known.split(PART), wanted.split(PART), strict=True):
        scaled = mine.double() / scale
        products += scaled.T @ scaled
        both += scaled.T @ theirs.double()
    return (torch.linalg.solve(products, both) / scale[:, None]).T
