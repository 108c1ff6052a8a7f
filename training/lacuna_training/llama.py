"""The Llama architecture, plain and causal, for checkpoints that others trained: SmolLM2 is one.

Query, key and value are one product here, and so are gate and up: on two cores five large products a layer are
faster than seven smaller ones. Files keep the names of Hugging Face's LlamaForCausalLM.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from lacuna_training.model import rotate


@dataclass
class Config:
    """Names as in a Hugging Face Llama config.json; the defaults are SmolLM2-135M."""

    hidden_size: int = 576
    num_hidden_layers: int = 30
    num_attention_heads: int = 9
    num_key_value_heads: int = 3
    intermediate_size: int = 1536
    vocab_size: int = 49_152
    max_position_embeddings: int = 8192
    rope_theta: float = 100_000.0
    rms_norm_eps: float = 1e-5
    tie_word_embeddings: bool = True

    @property
    def head_dim(self) -> int:
        return self.hidden_size // self.num_attention_heads


# Up to this length the backward pass of two plain products is faster on a CPU than that of the flash kernel.
PLAIN_ATTENTION = 512


def plain_attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Causal attention of q [batch, heads, length, size] to k, v [batch, kv_heads, length, size], scores written out."""
    batch, heads, length, size = q.shape
    kv_heads = k.shape[1]
    grouped = q.reshape(batch, kv_heads, heads // kv_heads * length, size)
    scores = (grouped @ k.transpose(-1, -2)).view(batch, kv_heads, heads // kv_heads, length, length)
    positions = torch.arange(length, device=q.device)
    scores = (scores * size**-0.5).masked_fill(positions[None, :] > positions[:, None], float("-inf"))
    weights = torch.softmax(scores, dim=-1).view(batch, kv_heads, heads // kv_heads * length, length)
    return (weights @ v).view(batch, heads, length, size)


class Layer(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        hidden, kv = config.hidden_size, config.num_key_value_heads * config.head_dim
        self.sizes = (config.num_attention_heads, config.num_key_value_heads, config.head_dim)
        self.input_layernorm = nn.RMSNorm(hidden, config.rms_norm_eps)
        self.qkv_proj = nn.Linear(hidden, hidden + 2 * kv, bias=False)
        self.o_proj = nn.Linear(hidden, hidden, bias=False)
        self.post_attention_layernorm = nn.RMSNorm(hidden, config.rms_norm_eps)
        self.gate_up_proj = nn.Linear(hidden, 2 * config.intermediate_size, bias=False)
        self.down_proj = nn.Linear(config.intermediate_size, hidden, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor | None = None, cache: list | None = None) -> Tensor:
        batch, length, hidden = x.shape
        heads, kv_heads, size = self.sizes
        qkv = self.qkv_proj(self.input_layernorm(x)).view(batch, length, heads + 2 * kv_heads, size).transpose(1, 2)
        qk = rotate(qkv[:, : heads + kv_heads], cos, sin)
        q, k, v = qk[:, :heads], qk[:, heads:], qkv[:, heads + kv_heads :]
        if cache is not None:
            if cache:
                k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
            cache[:] = [k, v]
        repeat = heads // kv_heads
        if mask is None and cache is None and length <= PLAIN_ATTENTION:
            attended = plain_attention(q, k, v)
        else:
            k, v = k.repeat_interleave(repeat, dim=1), v.repeat_interleave(repeat, dim=1)
            attended = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None and length > 1)
        x = x + self.o_proj(attended.transpose(1, 2).reshape(batch, length, hidden))
        gate, up = self.gate_up_proj(self.post_attention_layernorm(x)).chunk(2, dim=-1)
        return x + self.down_proj(F.silu(gate) * up)


class Llama(nn.Module):
    """tokens [batch, length] -> hidden states [batch, length, hidden_size]; `logits` turns those into logits."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))
        self.norm = nn.RMSNorm(config.hidden_size, config.rms_norm_eps)

    def rotary(self, positions: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """positions [batch or 1, length] -> cos, sin, each [batch or 1, 1, length, head_dim/2]."""
        half = self.config.head_dim // 2
        frequencies = self.config.rope_theta ** (-torch.arange(half, dtype=torch.float32, device=positions.device) / half)
        angles = positions[:, None, :, None].float() * frequencies
        return angles.cos().to(dtype), angles.sin().to(dtype)

    def forward(
        self, tokens: Tensor, positions: Tensor | None = None, mask: Tensor | None = None, caches: list[list] | None = None
    ) -> Tensor:
        """`mask` is additive or boolean [batch, 1, length, keys], or None for causal; `caches` holds one list a layer and grows."""
        if positions is None:
            positions = torch.arange(tokens.shape[1], device=tokens.device)[None]
        x = self.embed_tokens(tokens)
        cos, sin = self.rotary(positions, x.dtype)
        for index, layer in enumerate(self.layers):
            x = layer(x, cos, sin, mask, None if caches is None else caches[index])
        return self.norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self.embed_tokens.weight)


# From our names inside a layer to Hugging Face's, in the order in which a joined matrix holds them.
_PARTS = {
    "qkv_proj": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "o_proj": ("self_attn.o_proj",),
    "gate_up_proj": ("mlp.gate_proj", "mlp.up_proj"),
    "down_proj": ("mlp.down_proj",),
}


def to_hugging_face(state: dict[str, Tensor], config: Config) -> dict[str, Tensor]:
    """Our tensors under Hugging Face's names, joined matrices taken apart."""
    kv = config.num_key_value_heads * config.head_dim
    rows = {"qkv_proj": [config.hidden_size, kv, kv], "gate_up_proj": [config.intermediate_size] * 2}
    result = {}
    for name, tensor in state.items():
        parts = name.split(".")
        if parts[0] == "layers" and parts[2] in _PARTS:
            pieces = tensor.split(rows.get(parts[2], [len(tensor)]))
            for part, piece in zip(_PARTS[parts[2]], pieces, strict=True):
                result[f"model.layers.{parts[1]}.{part}.weight"] = piece
        else:
            result[f"model.{name}"] = tensor
    return result


def from_hugging_face(state: dict[str, Tensor], config: Config) -> dict[str, Tensor]:
    """The inverse of `to_hugging_face`; an output matrix of its own is left out, because ours is tied."""
    result = {}
    for name in Llama(Config(**asdict(config) | {"num_hidden_layers": 1, "vocab_size": 1})).state_dict():
        parts = name.split(".")
        if parts[0] != "layers":
            result[name] = state[f"model.{name}"]
            continue
        for layer in range(config.num_hidden_layers):
            names = _PARTS.get(parts[2], (parts[2],))
            result[f"layers.{layer}.{parts[2]}.weight"] = torch.cat([state[f"model.layers.{layer}.{part}.weight"] for part in names])
    return result


def save(state: dict[str, Tensor], config: Config, folder: Path, dtype: torch.dtype = torch.bfloat16, extra: dict | None = None) -> None:
    """Writes config.json and model.safetensors as Hugging Face's LlamaForCausalLM has them."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = asdict(config) | {
        "model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_act": "silu", "head_dim": config.head_dim,
        "attention_bias": False, "mlp_bias": False, "torch_dtype": str(dtype).removeprefix("torch."),
        "bos_token_id": 0, "eos_token_id": 0,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(settings | (extra or {}), indent=1))
    tensors = {name: tensor.detach().to(dtype).contiguous() for name, tensor in to_hugging_face(state, config).items()}
    partial = folder / "model.safetensors.partial"
    save_file(tensors, str(partial), metadata={"format": "pt"})
    partial.replace(folder / "model.safetensors")


def load(folder: Path, dtype: torch.dtype = torch.float32) -> Llama:
    """Reads a folder that `save` or Hugging Face wrote."""
    settings = json.loads((folder / "config.json").read_text())
    config = Config(**{key: settings[key] for key in asdict(Config())})
    with torch.device("meta"):
        model = Llama(config)
    state = from_hugging_face(load_file(str(folder / "model.safetensors")), config)
    model.load_state_dict({name: tensor.to(dtype) for name, tensor in state.items()}, assign=True)
    return model.requires_grad_(True)
