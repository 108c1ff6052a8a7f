"""A verifier that is read and never trained: any checkpoint of the families that an import takes, in a Hugging Face folder.

`Block` is the decoder layer of those families (biases, grouped keys, norms of heads where the family has them); the reader's layers are
made of it too.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import safe_open
from torch import Tensor, nn

from lacuna_training import bf16_kernels, quantized
from lacuna_training.model import rotate

FAMILIES = ("llama", "qwen2", "qwen3")
# Rows of logits at a time.
HEAD_SLICE = 512


@dataclass(frozen=True)
class Shape:
    """Sizes of a decoder, and what its family has; the same facts as src/convert/sources/network.ts."""

    family: str
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    vocabulary: int
    theta: float
    epsilon: float
    is_tied: bool
    has_bias: bool
    has_output_bias: bool
    has_head_norms: bool


def read_shape(settings: dict) -> Shape:
    """From config.json. @raises ValueError for a family that is not supported."""
    family = settings["model_type"]
    if family not in FAMILIES:
        raise ValueError(f"a reader can be trained for {', '.join(FAMILIES)}, not for {family}")
    hidden, heads = settings["hidden_size"], settings["num_attention_heads"]
    has_bias = bool(settings.get("attention_bias"))
    theta = settings.get("rope_theta") or settings.get("rope_parameters", {}).get("rope_theta", 10_000.0)
    return Shape(
        family, hidden, settings["num_hidden_layers"], heads, settings.get("num_key_value_heads") or heads,
        settings.get("head_dim") or (128 if family == "qwen3" else hidden // heads), settings["intermediate_size"], settings["vocab_size"],
        float(theta), settings["rms_norm_eps"], bool(settings.get("tie_word_embeddings")), family == "qwen2" or has_bias,
        has_bias and family == "llama", family == "qwen3",
    )  # fmt: skip


class Block(nn.Module):
    """A decoder layer without its attention in the middle: `project`, then whatever attends, then `finish`."""

    def __init__(self, shape: Shape, intermediate: int | None = None) -> None:
        super().__init__()
        inner, size = intermediate or shape.intermediate, shape.head_dim
        self.sizes = (shape.heads, shape.kv_heads, size)
        self.input_layernorm = nn.RMSNorm(shape.hidden, shape.epsilon)
        self.qkv_proj = nn.Linear(shape.hidden, (shape.heads + 2 * shape.kv_heads) * size, bias=shape.has_bias)
        self.q_norm = nn.RMSNorm(size, shape.epsilon) if shape.has_head_norms else None
        self.k_norm = nn.RMSNorm(size, shape.epsilon) if shape.has_head_norms else None
        self.o_proj = nn.Linear(shape.heads * size, shape.hidden, bias=shape.has_output_bias)
        self.post_attention_layernorm = nn.RMSNorm(shape.hidden, shape.epsilon)
        self.gate_up_proj = nn.Linear(shape.hidden, 2 * inner, bias=False)
        self.down_proj = nn.Linear(inner, shape.hidden, bias=False)

    def project(self, x: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x [batch, length, hidden] -> rotated q [batch, heads, length, size], rotated k and v [batch, kv_heads, length, size]."""
        return self.rotated(self.qkv_proj(self.input_layernorm(x)), cos, sin)

    def rotated(self, qkv: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """`project` from qkv [batch, length, heads and twice kv_heads * size]."""
        batch, length, _ = qkv.shape
        heads, kv_heads, size = self.sizes
        qkv = qkv.view(batch, length, heads + 2 * kv_heads, size).transpose(1, 2)
        q, k, v = qkv.split([heads, kv_heads, kv_heads], dim=1)
        if self.q_norm is not None and self.k_norm is not None:
            q, k = self.q_norm(q), self.k_norm(k)
        return rotate(q, cos, sin), rotate(k, cos, sin), v

    def units(self, x: Tensor) -> Tensor:
        """What the MLP's units say of x, the stream behind attention: [..., intermediate]."""
        gate, up = self.gate_up_proj(self.post_attention_layernorm(x)).chunk(2, dim=-1)
        return F.silu(gate) * up

    def finish(self, x: Tensor, attended: Tensor) -> Tensor:
        """The layer's result from its input x [batch, length, hidden] and attended [batch, length, heads * size]."""
        x = x + self.o_proj(attended)
        return x + self.down_proj(self.units(x))


def rotary(shape: Shape, positions: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """positions [batch, length] -> cos, sin [batch, 1, length, head_dim / 2]."""
    half = shape.head_dim // 2
    frequencies = shape.theta ** (-torch.arange(half, dtype=torch.float32, device=positions.device) / half)
    angles = positions[:, None, :, None].float() * frequencies
    return angles.cos().to(dtype), angles.sin().to(dtype)


@dataclass
class Reading:
    """One prefill. `keys_values[i]` are K, V [batch, kv_heads, length, size] of the i-th layer asked for, rotated; `hidden` is what
    the head reads [batch, length, hidden]."""

    keys_values: list[tuple[Tensor, Tensor]]
    hidden: Tensor


class FrozenVerifier(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.hidden)
        self.layers = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(shape.hidden, shape.epsilon)
        self.head = nn.Parameter(torch.empty(0))  # [vocabulary, hidden]; as an import stores it, so apart from the embedding

        self._packed: list[bf16_kernels.PackedLayer] | None = None

    def uses_kernels(self, rows: int) -> bool:
        shape, weight = self.shape, self.norm.weight
        sizes = (rows, shape.hidden, shape.intermediate, shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim)
        return not any(size % 32 for size in sizes) and weight.dtype == torch.bfloat16 and weight.device.type == "cpu" and bf16_kernels.is_supported()

    def packed(self) -> list[bf16_kernels.PackedLayer]:
        """The layers as the kernels read them; made once, in as much memory again."""
        if self._packed is None:
            self._packed = [bf16_kernels.PackedLayer(layer) for layer in self.layers]
        return self._packed

    def keep_packed_only(self) -> None:
        """Lets go of the matrices that the kernels have a copy of; only `read` of whole blocks of 32 tokens, and the head, work after that."""
        self.packed()
        for layer in self.layers:
            for part in (layer.qkv_proj, layer.o_proj, layer.gate_up_proj, layer.down_proj):
                part.weight = nn.Parameter(part.weight.new_empty(0), requires_grad=False)

    @torch.no_grad()
    def read(self, tokens: Tensor, layers: list[int]) -> Reading:
        """tokens [batch, length], padded at the end with anything; K,V of `layers`."""
        batch, length = tokens.shape
        groups = self.shape.heads // self.shape.kv_heads
        x, kept = self.embed_tokens(tokens), {}
        uses_kernels = self.uses_kernels(batch * length)
        cos, sin = rotary(self.shape, torch.arange(length, device=tokens.device)[None], x.dtype)
        for index, layer in enumerate(self.layers):
            packed = self.packed()[index] if uses_kernels else None
            qkv = layer.qkv_proj(layer.input_layernorm(x)) if packed is None else packed.qkv(x.view(batch * length, -1)).view(batch, length, -1)
            q, k, v = layer.rotated(qkv, cos, sin)
            attended = F.scaled_dot_product_attention(q, *_repeated(k, v, groups), is_causal=length > 1)
            attended = attended.transpose(1, 2).reshape(batch, length, -1)
            if packed is None:
                x = layer.finish(x, attended)
            else:
                x = packed.finish(x.view(batch * length, -1), attended.view(batch * length, -1)).view(batch, length, -1)
            if index in layers:
                kept[index] = (k, v.contiguous())
        return Reading([kept[layer] for layer in layers], self.norm(x))

    def scores(self, hidden: Tensor) -> Tensor:
        """hidden [n, hidden] -> logits [n, vocabulary]."""
        return hidden @ self.head.T

    @torch.no_grad()
    def best(self, hidden: Tensor) -> Tensor:
        """hidden [n, hidden] -> the token the head is most for, [n]."""
        return torch.cat([self.scores(hidden[at : at + HEAD_SLICE]).argmax(-1) for at in range(0, len(hidden), HEAD_SLICE)])

    @torch.no_grad()
    def continue_greedily(self, prompts: list[list[int]], count: int, ends: frozenset[int]) -> list[list[int]]:
        """Up to `count` tokens behind each prompt, its end included where it ends."""
        device = self.norm.weight.device
        lengths = torch.tensor([len(prompt) for prompt in prompts], device=device)
        room = -(-int(lengths.max()) // 32) * 32
        tokens = torch.zeros(len(prompts), room, dtype=torch.long, device=device)
        for row, prompt in enumerate(prompts):
            tokens[row, : len(prompt)] = torch.tensor(prompt)
        reading = self.read(tokens, list(range(self.shape.layers)))
        rows = torch.arange(len(prompts), device=device)
        caches = [tuple(F.pad(part, (0, 0, 0, count)) for part in pair) for pair in reading.keys_values]
        token = self.best(reading.hidden[rows, lengths - 1])
        written, groups = [token], self.shape.heads // self.shape.kv_heads
        is_over = torch.zeros(len(prompts), dtype=torch.bool, device=device)
        all_ends = torch.tensor(sorted(ends), device=device, dtype=torch.long)
        for _ in range(count - 1):
            is_over |= torch.isin(token, all_ends)
            if is_over.all():
                break
            x = self.embed_tokens(token)[:, None]
            cos, sin = rotary(self.shape, lengths[:, None], x.dtype)
            seen = (torch.arange(room + count, device=device)[None] <= lengths[:, None])[:, None, None]
            for layer, (keys, values) in zip(self.layers, caches, strict=True):
                q, k, v = layer.project(x, cos, sin)
                keys[rows, :, lengths], values[rows, :, lengths] = k[:, :, 0], v[:, :, 0]
                attended = F.scaled_dot_product_attention(q, *_repeated(keys, values, groups), attn_mask=seen)
                x = layer.finish(x, attended.transpose(1, 2).reshape(len(prompts), 1, -1))
            token = self.best(self.norm(x)[:, 0])
            lengths = lengths + 1
            written.append(token)
        texts = torch.stack(written, 1).tolist()
        return [text[: next((at + 1 for at, token in enumerate(text) if token in ends), count)] for text in texts]


def _repeated(k: Tensor, v: Tensor, times: int) -> tuple[Tensor, Tensor]:
    return (k, v) if times == 1 else (k.repeat_interleave(times, dim=1), v.repeat_interleave(times, dim=1))


def _weight_files(folder: Path) -> list[Path]:
    index = folder / "model.safetensors.index.json"
    if not index.exists():
        return [folder / "model.safetensors"]
    return [folder / name for name in sorted(set(json.loads(index.read_text())["weight_map"].values()))]


def checkpoint_hash(folder: Path) -> str:
    """What a reader belongs to: SHA-256 of the weight files, in the order of their names, or of what they were made from."""
    settings = folder / "lacuna.json"
    if settings.exists() and (source := json.loads(settings.read_text()).get("sourceSha256")):
        return source
    digest = hashlib.sha256()
    for path in _weight_files(folder):
        with open(path, "rb") as file:
            while part := file.read(1 << 24):
                digest.update(part)
    return digest.hexdigest()


def load(folder: Path, dtype: torch.dtype = torch.bfloat16, plan: str = "none") -> FrozenVerifier:
    """Reads a Hugging Face folder; matrices as the weight plan `plan` of an import stands for them (the embedding stays as it is)."""
    shape = read_shape(json.loads((folder / "config.json").read_text()))
    with torch.device("meta"):
        verifier = FrozenVerifier(shape)
    files = [safe_open(str(path), framework="pt") for path in _weight_files(folder)]
    where = {name: file for file in files for name in file.keys()}  # noqa: SIM118

    def matrix(*names: str) -> Tensor:
        return torch.cat([quantized.rounded(name, where[name].get_tensor(name), plan).to(dtype) for name in names])

    def vector(*names: str) -> Tensor:
        return torch.cat([where[name].get_tensor(name).flatten() for name in names]).to(dtype)

    state = {"embed_tokens.weight": where["model.embed_tokens.weight"].get_tensor("model.embed_tokens.weight").to(dtype)}
    state["norm.weight"] = vector("model.norm.weight")
    for index in range(shape.layers):
        ours, theirs = f"layers.{index}", f"model.layers.{index}"
        parts = [f"{theirs}.self_attn.{part}_proj" for part in "qkv"]
        state[f"{ours}.qkv_proj.weight"] = matrix(*(f"{part}.weight" for part in parts))
        state[f"{ours}.o_proj.weight"] = matrix(f"{theirs}.self_attn.o_proj.weight")
        state[f"{ours}.gate_up_proj.weight"] = matrix(*(f"{theirs}.mlp.{part}_proj.weight" for part in ("gate", "up")))
        state[f"{ours}.down_proj.weight"] = matrix(f"{theirs}.mlp.down_proj.weight")
        for name in ("input_layernorm", "post_attention_layernorm"):
            state[f"{ours}.{name}.weight"] = vector(f"{theirs}.{name}.weight")
        if shape.has_bias:
            state[f"{ours}.qkv_proj.bias"] = vector(*(f"{part}.bias" for part in parts))
        if shape.has_output_bias:
            state[f"{ours}.o_proj.bias"] = vector(f"{theirs}.self_attn.o_proj.bias")
        if shape.has_head_norms:
            for name in ("q_norm", "k_norm"):
                state[f"{ours}.{name}.weight"] = vector(f"{theirs}.self_attn.{name}.weight")
    state["head"] = matrix("model.embed_tokens.weight" if shape.is_tied else "lm_head.weight")
    verifier.head = nn.Parameter(state["head"])
    verifier.load_state_dict(state, assign=True)
    return verifier.requires_grad_(False).eval()
