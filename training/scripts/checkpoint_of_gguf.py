"""A GGUF file of the families llama and qwen2 as a Hugging Face folder that a reader can be trained beside.

    python scripts/checkpoint_of_gguf.py --gguf FILE --models FOLDER --out FOLDER

`--models` holds the verifier that was imported from the same file: its tokenizer and the layout of its prompts are taken from there, and
the hash that its readers name. Matrices are dequantized and stored as bf16. It needs the package gguf beside requirements.txt.
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
from gguf import GGUFReader, dequantize
from safetensors.torch import save_file

from lacuna_training.gguf_checkpoint import NAMES, unpermuted

OUTSIDE = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight", "output.weight": "lm_head.weight"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gguf", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    entry = next(model for model in json.loads((arguments.models / "manifest.json").read_text())["models"] if model["role"] == "verifier")
    reader = GGUFReader(str(arguments.gguf))
    family = reader.fields["general.architecture"].contents()
    if family not in ("llama", "qwen2"):
        raise SystemExit(f"{arguments.gguf} is of the family {family}; llama and qwen2 can be read")
    field = lambda name: reader.fields[f"{family}.{name}"].contents()  # noqa: E731
    heads, kv_heads = field("attention.head_count"), field("attention.head_count_kv")
    state = {}
    for tensor in reader.tensors:
        values = dequantize(tensor.data, tensor.tensor_type)
        name = OUTSIDE.get(tensor.name)
        if name is None:
            _, layer, part, leaf = tensor.name.split(".")
            if family == "llama" and part in ("attn_q", "attn_k"):
                values = unpermuted(values, heads if part == "attn_q" else kv_heads)
            name = f"model.layers.{layer}.{NAMES[part]}.{leaf}"
        state[name] = torch.from_numpy(values.copy()).bfloat16()
    config = {
        "model_type": family, "hidden_size": field("embedding_length"), "num_hidden_layers": field("block_count"),
        "num_attention_heads": heads, "num_key_value_heads": kv_heads, "intermediate_size": field("feed_forward_length"),
        "vocab_size": state["model.embed_tokens.weight"].shape[0], "rope_theta": field("rope.freq_base"),
        "rms_norm_eps": field("attention.layer_norm_rms_epsilon"), "tie_word_embeddings": "lm_head.weight" not in state,
    }  # fmt: skip
    arguments.out.mkdir(parents=True, exist_ok=True)
    save_file(state, str(arguments.out / "model.safetensors"), metadata={"format": "pt"})
    (arguments.out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    shutil.copy(arguments.models / entry["tokenizer"]["path"], arguments.out / "tokenizer.json")
    prompt = {part: entry["prompt"][part] for part in ("order", "suffix", "prefix", "middle", "related")}
    settings = {"promptFormat": prompt, "ends": entry["ends"], "sourceSha256": entry["sourceSha256"]}
    (arguments.out / "lacuna.json").write_text(json.dumps(settings, indent=2) + "\n")


if __name__ == "__main__":
    main()
