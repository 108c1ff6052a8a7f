"""Layers and loss of `llama.Llama` by `amx_layer.cpp`, for training on a processor with AMX; several times what PyTorch's products give."""

from __future__ import annotations

import functools
from pathlib import Path

import torch
from torch import Tensor

from lacuna_training import llama


def is_supported() -> bool:
    """Whether this processor has bf16 tiles and there is a compiler."""
    from torch.utils import cpp_extension

    flags = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    return "amx_bf16" in flags and "avx512_bf16" in flags and cpp_extension.get_cxx_compiler() is not None


@functools.cache
def library():  # noqa: ANN201
    """The compiled extension; compiled at its first use, which takes a minute."""
    from torch.utils import cpp_extension

    source = Path(__file__).parent / "amx_layer.cpp"
    return cpp_extension.load("lacuna_amx", [str(source)], extra_cflags=["-O3", "-march=sapphirerapids", "-std=c++20"])


class _Layer(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor, layer: llama.Layer, batch: int, eps: float, cosines: Tensor, sines: Tensor) -> Tensor:  # noqa: ANN001
        heads, kv_heads, _ = layer.sizes
        y, *saved = library().layer_forward(x, _weights(layer), batch, heads, kv_heads, eps, cosines, sines)
        ctx.layer, ctx.rest = layer, (batch, heads, kv_heads, eps, cosines, sines)
        ctx.save_for_backward(x, *saved)
        return y

    @staticmethod
    def backward(ctx, dy: Tensor) -> tuple:  # noqa: ANN001
        x, *saved = ctx.saved_tensors
        gradients = [weight.grad for weight in _weights(ctx.layer)]
        dx = library().layer_backward(dy.contiguous(), x, saved, _weights(ctx.layer), gradients, *ctx.rest)
        return dx, None, None, None, None, None


def _weights(layer: llama.Layer) -> list[Tensor]:
    return [
        layer.input_layernorm.weight, layer.qkv_proj.weight, layer.o_proj.weight,
        layer.post_attention_layernorm.weight, layer.gate_up_proj.weight, layer.down_proj.weight,
    ]  # fmt: skip


def hidden_states(model: llama.Llama, tokens: Tensor) -> Tensor:
    """`model(tokens)` in bf16. Backward adds to the `.grad` of the layers' weights, which must be there; nothing else may be asked of them."""
    batch, length = tokens.shape
    cosines, sines = (part[0, 0].contiguous() for part in model.rotary(torch.arange(length)[None], torch.float32))
    x = model.embed_tokens(tokens).view(batch * length, -1)
    for layer in model.layers:
        x = _Layer.apply(x, layer, batch, model.config.rms_norm_eps, cosines, sines)
    return model.norm(x).view(batch, length, -1)


class _Head(torch.autograd.Function):
    @staticmethod
    def forward(ctx, hidden: Tensor, embedding: Tensor, gradient: Tensor, targets: Tensor, weights: Tensor) -> Tensor:  # noqa: ANN001
        losses, dhidden = library().head(hidden.contiguous(), embedding, targets, weights, gradient)
        ctx.save_for_backward(dhidden)
        return losses

    @staticmethod
    def backward(ctx, dlosses: Tensor) -> tuple:  # noqa: ANN001
        return ctx.saved_tensors[0], None, None, None, None


def losses(model: llama.Llama, hidden: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """Weighted cross-entropies [rows] of hidden [rows, hidden_size]. The gradient of their plain sum is taken at once: go backward from that only."""
    embedding = model.embed_tokens.weight
    return _Head.apply(hidden, embedding.detach(), embedding.grad, targets, weights)
