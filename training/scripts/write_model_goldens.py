"""Writes what two public checkpoints say of a text, token by token: python scripts/write_model_goldens.py [--models DIR]

The weights are those of the GGUF files, dequantized by the gguf package, and the network is written down here once more, as plainly
as can be. Tests compare what the import makes of the same files with it.
"""

import argparse
import json
from pathlib import Path

import gguf
import numpy as np
import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from torch import Tensor

FOLDER = Path(__file__).parents[2] / "test/models/fixtures"
TEXT = FOLDER / "lending.py"
FILES = {"qwen": "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf", "smollm2": "SmolLM2-135M-Instruct.Q4_1.gguf"}
# Source: the pre-tokenizer in tokenizer.json of https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct
QWEN_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


class Weights:
    """The tensors of a file, dequantized each time they are asked for: one layer of them is in memory at a time."""

    def __init__(self, file: Path):
        self.reader = gguf.GGUFReader(str(file))
        self.tensors = {tensor.name: tensor for tensor in self.reader.tensors}
        self.family = self.value("general.architecture")

    def value(self, key: str):
        return self.reader.fields[key].contents()

    def size(self, key: str):
        return self.value(f"{self.family}.{key}")

    def __call__(self, name: str) -> Tensor:
        tensor = self.tensors[name]
        return torch.from_numpy(gguf.dequantize(tensor.data, tensor.tensor_type).astype(np.float32).copy())

    def projected(self, name: str, hidden: Tensor) -> Tensor:
        values = hidden @ self(f"{name}.weight").T
        return values + self(f"{name}.bias") if f"{name}.bias" in self.tensors else values


def tokenizer_of(weights: Weights) -> Tokenizer:
    tokens = {token: index for index, token in enumerate(weights.value("tokenizer.ggml.tokens"))}
    merges = [tuple(merge.split(" ")) for merge in weights.value("tokenizer.ggml.merges")]
    tokenizer = Tokenizer(models.BPE(tokens, merges))
    if weights.value("tokenizer.ggml.pre") == "qwen2":
        words = pre_tokenizers.Split(Regex(QWEN_WORDS), "isolated")
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([words, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    else:
        digits = pre_tokenizers.Digits(individual_digits=True)
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def rms_norm(values: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    return values / (values.pow(2).mean(-1, keepdim=True) + epsilon).sqrt() * weight


def turned(heads: Tensor, theta: float, is_interleaved: bool) -> Tensor:
    """Rotary positions as the file's rows want them: pairs are neighbours, or lie half a head apart. heads [count, tokens, size]"""
    half = heads.shape[-1] // 2
    angles = torch.arange(heads.shape[1])[:, None] * theta ** (-torch.arange(half) / half)
    pairs = heads.unflatten(-1, (half, 2) if is_interleaved else (2, half))
    first, second = pairs.unbind(-1 if is_interleaved else -2)
    both = first * angles.cos() - second * angles.sin(), second * angles.cos() + first * angles.sin()
    return torch.stack(both, -1).flatten(-2) if is_interleaved else torch.cat(both, -1)


def logits_of(tokens: list[int], weights: Weights) -> Tensor:
    heads, kv_heads = weights.size("attention.head_count"), weights.size("attention.head_count_kv")
    epsilon, theta = weights.size("attention.layer_norm_rms_epsilon"), weights.size("rope.freq_base")
    size = weights.size("embedding_length") // heads
    # llama.cpp's converter stores the queries and keys of this family for rotation of neighbours.
    is_interleaved = weights.family == "llama"
    hidden = weights("token_embd.weight")[tokens]
    mask = torch.full((len(tokens), len(tokens)), float("-inf")).triu(1)
    for layer in range(weights.size("block_count")):
        at = f"blk.{layer}"
        normed = rms_norm(hidden, weights(f"{at}.attn_norm.weight"), epsilon)
        split = lambda name: weights.projected(f"{at}.{name}", normed).unflatten(-1, (-1, size)).transpose(0, 1)  # noqa: B023, E731
        queries = turned(split("attn_q"), theta, is_interleaved)
        keys = turned(split("attn_k"), theta, is_interleaved).repeat_interleave(heads // kv_heads, 0)
        values = split("attn_v").repeat_interleave(heads // kv_heads, 0)
        mixed = torch.softmax(queries @ keys.transpose(1, 2) * size**-0.5 + mask, -1) @ values
        hidden = hidden + weights.projected(f"{at}.attn_output", mixed.transpose(0, 1).flatten(1))
        normed = rms_norm(hidden, weights(f"{at}.ffn_norm.weight"), epsilon)
        gate = torch.nn.functional.silu(weights.projected(f"{at}.ffn_gate", normed))
        hidden = hidden + weights.projected(f"{at}.ffn_down", gate * weights.projected(f"{at}.ffn_up", normed))
    head = "output.weight" if "output.weight" in weights.tensors else "token_embd.weight"
    return rms_norm(hidden, weights("output_norm.weight"), epsilon) @ weights(head).T


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache/lacuna-models", help="where get_checkpoints.py put them")
    parser.add_argument("--out", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    torch.set_grad_enabled(False)
    for name, file in FILES.items():
        weights = Weights(arguments.models / file)
        tokens = tokenizer_of(weights).encode(TEXT.read_text(), add_special_tokens=False).ids
        logits = logits_of(tokens, weights)
        best = logits.topk(2, -1)
        losses = torch.nn.functional.cross_entropy(logits[:-1], torch.tensor(tokens[1:]))
        golden = {
            "tokens": tokens,
            "best": best.indices[:, 0].tolist(),
            "margins": [round(margin, 2) for margin in (best.values[:, 0] - best.values[:, 1]).tolist()],
            "perplexity": round(losses.exp().item(), 4),
        }
        lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in golden.items())
        (arguments.out / f"{name}.json").write_text(f"{{\n{lines}\n}}\n")
        print(name, len(tokens), golden["perplexity"])
