"""Layers and loss of `llama.Llama` by `bf16_layer.cpp`, for training on a processor with AMX or AVX-512's bf16 products."""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from lacuna_training import llama

_SOURCE = Path(__file__).parent / "bf16_layer.cpp"
_FLAGS = ("-O3", "-std=c++20", "-shared", "-fPIC")


def _architecture() -> str | None:
    """What the kernels are compiled for, or None where this processor multiplies no bf16."""
    flags = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    if "avx512_bf16" not in flags:
        return None
    return "sapphirerapids" if "amx_bf16" in flags else "cooperlake"


def is_supported() -> bool:
    """Whether this processor has bf16 products and there is a compiler."""
    return _architecture() is not None and shutil.which("g++") is not None


@functools.cache
def library() -> ctypes.CDLL:
    """The compiled kernels; compiled when they are first used or have changed, which takes seconds."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "lacuna-training"
    architecture = _architecture()
    path = cache / f"bf16-{architecture}-{hashlib.sha256(_SOURCE.read_bytes()).hexdigest()[:16]}.so"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            subprocess.run(["g++", *_FLAGS, f"-march={architecture}", str(_SOURCE), "-o", f"{folder}/bf16.so"], check=True)
            Path(folder, "bf16.so").replace(path)
    return ctypes.CDLL(str(path))


def _pointer(tensor: Tensor) -> ctypes.c_void_p:
    if not tensor.is_contiguous() or (tensor.dim() > 1 and tensor.data_ptr() % 64):
        raise ValueError("the kernels read contiguous memory that begins at a multiple of 64 bytes")
    return ctypes.c_void_p(tensor.data_ptr())


def _pointers(tensors: Sequence[Tensor]) -> ctypes.Array:
    return (ctypes.c_void_p * len(tensors))(*(_pointer(tensor).value for tensor in tensors))


def _forward(x: Tensor, layer: llama.Layer, batch: int, eps: float, cosines: Tensor, sines: Tensor) -> tuple[list, Tensor, list[Tensor]]:
    """The shape as the kernels take it, the layer's result, and what its backward pass needs: qkv, attended, middle, gate_up, sums."""
    heads, kv_heads, size = layer.sizes
    rows, hidden = x.shape
    inner = layer.down_proj.weight.shape[1]
    if rows // batch % 32 or hidden % 32 or inner % 32 or size != 64:
        raise ValueError("rows of a multiple of 32 tokens, sizes that divide by 32, heads of 64")
    y, attended, middle = torch.empty_like(x), torch.empty_like(x), torch.empty_like(x)
    qkv, gate_up = x.new_empty(rows, hidden + 2 * kv_heads * size), x.new_empty(rows, 2 * inner)
    sums = torch.empty(batch * heads, rows // batch)
    shape = [ctypes.c_long(value) for value in (batch, rows // batch, heads, kv_heads, inner)]
    shape += [ctypes.c_float(eps), _pointer(cosines), _pointer(sines), _pointers(_weights(layer))]
    saved = [qkv, attended, middle, gate_up, sums]
    library().layer_forward(*shape, _pointer(x), _pointer(y), *map(_pointer, saved))
    return shape, y, saved


class PackedLayer:
    """A decoder layer that is read and never trained, its matrices in the order in which the kernels take them: [sizes divide by 32]."""

    def __init__(self, layer: torch.nn.Module) -> None:
        gate, up = layer.gate_up_proj.weight.chunk(2)
        inner, hidden = gate.shape
        both = torch.stack([part.view(inner // 32, 32, hidden) for part in (gate, up)], 1).reshape(2 * inner, hidden)
        matrices = (layer.qkv_proj.weight, layer.o_proj.weight, both, layer.down_proj.weight)
        self._qkv, self._attended, self._units, self._down = ((*each.shape, _packed(each)) for each in matrices)
        self._biases = [None if part.bias is None else part.bias.contiguous() for part in (layer.qkv_proj, layer.o_proj)]
        self._norms = [(part.weight, ctypes.c_float(part.eps)) for part in (layer.input_layernorm, layer.post_attention_layernorm)]

    def qkv(self, x: Tensor) -> Tensor:
        """x [rows, hidden] -> [rows, heads and twice kv_heads * size], before rotation; the number of rows divides by 32."""
        return _linear(_normed(x, *self._norms[0]), *self._qkv, self._biases[0])

    def finish(self, x: Tensor, attended: Tensor) -> Tensor:
        """The layer's result from its input x [rows, hidden] and attended [rows, heads * size]."""
        x = _linear(attended, *self._attended, self._biases[1], x)
        columns, depth, packed = self._units
        normed, units = _normed(x, *self._norms[1]), x.new_empty(len(x), columns // 2)
        sizes = map(ctypes.c_long, (len(x), columns // 2, depth))
        library().packed_units(*sizes, *map(_pointer, (normed, packed, units)))
        return _linear(units, *self._down, None, x)


def _packed(matrix: Tensor) -> Tensor:
    matrix, packed = matrix.detach().contiguous(), torch.empty_like(matrix, memory_format=torch.contiguous_format)
    library().pack(_pointer(matrix), *map(ctypes.c_long, matrix.shape), _pointer(packed))
    return packed


def _linear(x: Tensor, columns: int, depth: int, packed: Tensor, bias: Tensor | None, other: Tensor | None = None) -> Tensor:
    y = x.new_empty(len(x), columns)
    given = (_pointer(each) if each is not None else None for each in (x, packed, bias, other, y))
    library().packed_linear(*map(ctypes.c_long, (len(x), columns, depth)), *given)
    return y


def _normed(x: Tensor, weight: Tensor, epsilon: ctypes.c_float) -> Tensor:
    y = torch.empty_like(x)
    library().rms_norm(*map(ctypes.c_long, x.shape), epsilon, *map(_pointer, (x, weight, y)))
    return y


class _Layer(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor, layer: llama.Layer, batch: int, eps: float, cosines: Tensor, sines: Tensor) -> Tensor:  # noqa: ANN001
        ctx.shape, y, saved = _forward(x, layer, batch, eps, cosines, sines)
        ctx.layer, ctx.kept = layer, (cosines, sines)
        ctx.save_for_backward(x, *saved)
        return y

    @staticmethod
    def backward(ctx, dy: Tensor) -> tuple:  # noqa: ANN001
        gradients = _pointers([weight.grad for weight in _weights(ctx.layer)])
        dy, dx = dy.contiguous(), torch.empty_like(dy, memory_format=torch.contiguous_format)
        library().layer_backward(*ctx.shape, *map(_pointer, ctx.saved_tensors), _pointer(dy), gradients, _pointer(dx))
        return dx, None, None, None, None, None


def _weights(layer: llama.Layer) -> list[Tensor]:
    return [
        layer.input_layernorm.weight, layer.qkv_proj.weight, layer.o_proj.weight,
        layer.post_attention_layernorm.weight, layer.gate_up_proj.weight, layer.down_proj.weight,
    ]  # fmt: skip


def _angles(model: llama.Llama, length: int) -> list[Tensor]:
    return [part[0, 0].contiguous() for part in model.rotary(torch.arange(length)[None], torch.float32)]


def hidden_states(model: llama.Llama, tokens: Tensor) -> Tensor:
    """`model(tokens)` in bf16. Backward adds to the `.grad` of the layers' weights, which must be there; nothing else may be asked of them."""
    batch, length = tokens.shape
    angles = _angles(model, length)
    x = model.embed_tokens(tokens).view(batch * length, -1)
    for layer in model.layers:
        x = _Layer.apply(x, layer, batch, model.config.rms_norm_eps, *angles)
    return model.norm(x).view(batch, length, -1)


@torch.no_grad()
def read(model: llama.Llama, tokens: Tensor) -> tuple[Tensor, list[list[Tensor]]]:
    """`model(tokens)` and the keys and values [batch, kv_heads, length, size] of each layer; length a multiple of 32, padding at the end."""
    batch, length = tokens.shape
    angles = _angles(model, length)
    x, caches = model.embed_tokens(tokens).view(batch * length, -1), []
    for layer in model.layers:
        _, x, (qkv, *_rest) = _forward(x, layer, batch, model.config.rms_norm_eps, *angles)
        heads, kv_heads, size = layer.sizes
        parts = qkv.view(batch, length, -1, size)[:, :, heads:].transpose(1, 2)
        caches.append([parts[:, :kv_heads].contiguous(), parts[:, kv_heads:].contiguous()])
    return model.norm(x).view(batch, length, -1), caches


class _Head(torch.autograd.Function):
    @staticmethod
    def forward(ctx, hidden: Tensor, embedding: Tensor, gradient: Tensor, targets: Tensor, weights: Tensor) -> Tensor:  # noqa: ANN001
        if embedding.shape[0] % 512 or hidden.shape[1] % 32:
            raise ValueError("a vocabulary that divides by 512 and a hidden size that divides by 32")
        hidden, losses = hidden.contiguous(), torch.empty(len(hidden))
        dhidden = torch.empty_like(hidden)
        sizes = [ctypes.c_long(value) for value in (*hidden.shape, embedding.shape[0])]
        arrays = [hidden, embedding, targets.contiguous(), weights.float().contiguous(), losses, dhidden, gradient]
        library().head(*sizes, *map(_pointer, arrays))
        ctx.save_for_backward(dhidden)
        return losses

    @staticmethod
    def backward(ctx, dlosses: Tensor) -> tuple:  # noqa: ANN001
        return ctx.saved_tensors[0], None, None, None, None


def losses(model: llama.Llama, hidden: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """Weighted cross-entropies [rows] of hidden [rows, hidden_size]. The gradient of their plain sum is taken at once: go backward from that only."""
    embedding = model.embed_tokens.weight
    return _Head.apply(hidden, embedding.detach(), embedding.grad, targets, weights)
