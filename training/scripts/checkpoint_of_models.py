"""The verifier of a models folder as a checkpoint that can be trained on: python scripts/checkpoint_of_models.py --models ../models --out FOLDER

What an import in whole blocks stores (`int8`, `int4`, `mixed`) is decoded to the values it stands for, so that importing the checkpoint again
in the same way gives the same weights. It needs the package onnx beside requirements.txt.
"""

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from lacuna_training import llama

# From our names inside a layer to the names of their products in the graph.
PRODUCTS = {"qkv_proj": "qkv", "o_proj": "attention", "down_proj": "transformed"}


def decoded(parts: dict[str, np.ndarray], name: str, columns: int) -> torch.Tensor:
    """The matrix [rows, columns] that codes and scales of MatMulNBits stand for, 4 or 8 bits, zero in the middle."""
    codes, scales = parts[f"{name}.codes"], parts[f"{name}.scales"]
    rows, blocks, size = codes.shape
    block = columns // blocks
    if size == block:
        values = codes.astype(np.float32) - 128
    else:
        values = np.stack([codes & 15, codes >> 4], axis=-1).reshape(rows, blocks, block).astype(np.float32) - 8
    return torch.from_numpy((values * scales.reshape(rows, blocks, 1)).reshape(rows, columns))


def vector(parts: dict[str, np.ndarray], name: str) -> torch.Tensor:
    return torch.from_numpy(parts[name].copy())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    entry = next(model for model in json.loads((arguments.models / "manifest.json").read_text())["models"] if model["role"] == "verifier")
    graph = onnx.load(arguments.models / entry["graph"]["path"]).graph
    parts = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    cache = entry["cache"]
    hidden = parts["model.norm.weight"].shape[0]
    inner = parts["gate_0.codes"].shape[0]
    size = cache["headDim"]
    # The table of cosines says at which base positions turn: its second column is the cosine of base^(-1 / half).
    base = float(np.arccos(np.float64(parts["cos"][1, 1])) ** -(size // 2))
    epsilon = next(a.f for node in graph.node if "LayerNormalization" in node.op_type for a in node.attribute if a.name == "epsilon")
    config = llama.Config(
        hidden_size=hidden, num_hidden_layers=cache["layers"], num_attention_heads=parts["attention_0.codes"].shape[0] // size,
        num_key_value_heads=cache["kvHeads"], intermediate_size=inner, vocab_size=entry["vocabSize"],
        max_position_embeddings=entry["contextTokens"], rope_theta=float(f"{base:.4g}"), rms_norm_eps=float(f"{epsilon:.6g}"),
    )  # fmt: skip
    state = {"embed_tokens.weight": decoded(parts, "embedding", hidden), "norm.weight": vector(parts, "model.norm.weight")}
    for layer in range(config.num_hidden_layers):
        for name, product in PRODUCTS.items():
            state[f"layers.{layer}.{name}.weight"] = decoded(parts, f"{product}_{layer}", inner if name == "down_proj" else hidden)
        halves = [decoded(parts, f"{half}_{layer}", hidden) for half in ("gate", "up")]
        state[f"layers.{layer}.gate_up_proj.weight"] = torch.cat(halves)
        for norm in ("input_layernorm", "post_attention_layernorm"):
            state[f"layers.{layer}.{norm}.weight"] = vector(parts, f"model.layers.{layer}.{norm}.weight")
    llama.save(state, config, arguments.out, torch.float32)
    shutil.copy(arguments.models / entry["tokenizer"]["path"], arguments.out / "tokenizer.json")
    prompt = {"promptFormat": {name: entry["prompt"][name] for name in ("order", "suffix", "prefix", "middle", "related")}, "ends": entry["ends"]}
    prompt["sourceSha256"] = entry["sourceSha256"]
    (arguments.out / "lacuna.json").write_text(json.dumps(prompt, indent=2) + "\n")


if __name__ == "__main__":
    main()
