"""Writes a tiny checkpoint of the Llama and of the Qwen3 family, and logits that each must give: python scripts/write_family_fixtures.py

The networks are written down here once more, as plainly as can be, so that they stand for themselves.
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

FIXTURES = Path(__file__).parents[2] / "test/parity/fixtures"
VOCABULARY, HIDDEN, LAYERS, INTERMEDIATE = 288, 32, 2, 48
TOKENS = 20
FAMILIES = {
    # Heads of a size of their own, keys and values for two of them each, and norms of queries and keys.
    "qwen3": {
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "rope_theta": 1e6, "rms_norm_eps": 1e-6,
        "tie_word_embeddings": True,
    },
    "llama": {
        "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 16, "rope_theta": 1e4, "rms_norm_eps": 1e-5,
        "tie_word_embeddings": False,
    },
}


def random_weights(config: dict, has_head_norms: bool, generator: torch.Generator) -> dict[str, Tensor]:
    heads, kv_heads, size = config["num_attention_heads"], config["num_key_value_heads"], config["head_dim"]

    def matrix(rows: int, columns: int) -> Tensor:
        return torch.randn(rows, columns, generator=generator) * columns**-0.5

    def norm(length: int) -> Tensor:
        return 1 + 0.2 * torch.randn(length, generator=generator)

    weights = {"model.embed_tokens.weight": matrix(VOCABULARY, HIDDEN), "model.norm.weight": norm(HIDDEN)}
    for layer in range(LAYERS):
        module = f"model.layers.{layer}"
        for name, rows, columns in [
            ("self_attn.q_proj", heads * size, HIDDEN),
            ("self_attn.k_proj", kv_heads * size, HIDDEN),
            ("self_attn.v_proj", kv_heads * size, HIDDEN),
            ("self_attn.o_proj", HIDDEN, heads * size),
            ("mlp.gate_proj", INTERMEDIATE, HIDDEN),
            ("mlp.up_proj", INTERMEDIATE, HIDDEN),
            ("mlp.down_proj", HIDDEN, INTERMEDIATE),
        ]:
            weights[f"{module}.{name}.weight"] = matrix(rows, columns)
        for name in ("input_layernorm", "post_attention_layernorm"):
            weights[f"{module}.{name}.weight"] = norm(HIDDEN)
        if has_head_norms:
            for name in ("q_norm", "k_norm"):
                weights[f"{module}.self_attn.{name}.weight"] = norm(size)
    if not config["tie_word_embeddings"]:
        weights["lm_head.weight"] = matrix(VOCABULARY, HIDDEN)
    # What the file holds, in 16 bits, is what the network computes with.
    return {name: weight.to(torch.bfloat16).float() for name, weight in weights.items()}


def rms_norm(values: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    return values / (values.pow(2).mean(-1, keepdim=True) + epsilon).sqrt() * weight


def turned(heads: Tensor, theta: float) -> Tensor:
    """Rotary positions: the first half of a head is turned against the second. heads [count, tokens, size]"""
    half = heads.shape[-1] // 2
    angles = torch.arange(heads.shape[1])[:, None] * theta ** (-torch.arange(half) / half)
    first, second = heads[..., :half], heads[..., half:]
    return torch.cat([first * angles.cos() - second * angles.sin(), second * angles.cos() + first * angles.sin()], -1)


def logits_of(tokens: list[int], weights: dict[str, Tensor], config: dict) -> Tensor:
    heads, kv_heads, size = config["num_attention_heads"], config["num_key_value_heads"], config["head_dim"]
    epsilon, theta = config["rms_norm_eps"], config["rope_theta"]
    hidden = weights["model.embed_tokens.weight"][tokens]
    for layer in range(LAYERS):
        part = {name.removeprefix(f"model.layers.{layer}."): weight for name, weight in weights.items()}
        normed = rms_norm(hidden, part["input_layernorm.weight"], epsilon)

        def split(name: str, count: int) -> Tensor:
            projected = (normed @ part[f"self_attn.{name}_proj.weight"].T).view(len(tokens), count, size).transpose(0, 1)
            norm = part.get(f"self_attn.{name}_norm.weight")
            return projected if norm is None else rms_norm(projected, norm, epsilon)

        query, key = turned(split("q", heads), theta), turned(split("k", kv_heads), theta)
        key, value = (each.repeat_interleave(heads // kv_heads, 0) for each in (key, split("v", kv_heads)))
        scores = (query @ key.transpose(1, 2) * size**-0.5).masked_fill(torch.ones(len(tokens), len(tokens)).triu(1).bool(), -torch.inf)
        attended = (scores.softmax(-1) @ value).transpose(0, 1).reshape(len(tokens), heads * size)
        hidden = hidden + attended @ part["self_attn.o_proj.weight"].T
        normed = rms_norm(hidden, part["post_attention_layernorm.weight"], epsilon)
        gate, up = normed @ part["mlp.gate_proj.weight"].T, normed @ part["mlp.up_proj.weight"].T
        hidden = hidden + (gate * gate.sigmoid() * up) @ part["mlp.down_proj.weight"].T
    head = weights.get("lm_head.weight", weights["model.embed_tokens.weight"])
    return rms_norm(hidden, weights["model.norm.weight"], epsilon) @ head.T


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FIXTURES)
    out = parser.parse_args().out
    generator = torch.Generator().manual_seed(5)
    for family, sizes in FAMILIES.items():
        folder = out / family
        folder.mkdir(parents=True, exist_ok=True)
        config = {
            "model_type": family, "hidden_size": HIDDEN, "num_hidden_layers": LAYERS, "intermediate_size": INTERMEDIATE,
            "vocab_size": VOCABULARY, "max_position_embeddings": 128, "hidden_act": "silu", "attention_bias": False, **sizes,
        }  # fmt: skip
        weights = random_weights(config, family == "qwen3", generator)
        (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
        shutil.copyfile(FIXTURES / "tiny/tokenizer.json", folder / "tokenizer.json")
        save_file({name: weight.to(torch.bfloat16) for name, weight in weights.items()}, folder / "model.safetensors")
        tokens = torch.randint(8, VOCABULARY, (TOKENS,), generator=generator).tolist()
        logits = logits_of(tokens, {name: weight.double() for name, weight in weights.items()}, config)
        rows = [0, 1, 6, TOKENS - 1]
        case = {"tokens": tokens, "rows": rows, "logits": [[round(value, 5) for value in row] for row in logits[rows].tolist()]}
        (folder / "logits.json").write_text(json.dumps(case, separators=(",", ":")) + "\n")
