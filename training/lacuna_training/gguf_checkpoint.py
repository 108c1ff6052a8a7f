"""A Llama checkpoint from a GGUF file: weights dequantized, the tokenizer rebuilt from its own tokens and merges."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from lacuna_training import llama, specials

NAMES = {
    "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm", "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
}  # fmt: skip
_CONTROL = 3  # token type of special tokens


def unpermuted(rows: np.ndarray, heads: int) -> np.ndarray:
    """Rows of a query or key matrix [heads * size, hidden] in the halves convention.

    llama.cpp's converter interleaves the two halves of each head for its own rotary embedding.
    Source: `LlamaModel.permute` in llama.cpp's convert_hf_to_gguf.py, of which this is the inverse.
    """
    size = rows.shape[0] // heads
    return rows.reshape(heads, size // 2, 2, rows.shape[1]).swapaxes(1, 2).reshape(rows.shape)


def tokenizer_of(tokens: list[str], types: list[int], merges: list[str]) -> Tokenizer:
    """GPT-2's byte-level BPE with digits one at a time, which is what GGUF calls `smollm`."""
    pairs = [tuple(merge.split(" ")) for merge in merges]
    tokenizer = Tokenizer(models.BPE({token: index for index, token in enumerate(tokens)}, pairs))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    special = [token for token, kind in zip(tokens, types, strict=True) if kind == _CONTROL]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    return tokenizer


# Tokens of SmolLM2 that code completion never needs, and what they are here.
RENAMED = {
    "<issue_start>": specials.FIM_SUFFIX, "<issue_comment>": specials.FIM_PREFIX, "<issue_closed>": specials.FIM_MIDDLE,
    "<file_sep>": specials.FILE_SEP, "<jupyter_start>": specials.MASK, "<jupyter_text>": specials.EXPAND, "<jupyter_code>": specials.SEP,
}  # fmt: skip


def renamed(tokenizer: str) -> str:
    """tokenizer.json with the tokens of `RENAMED` under their new names, ids unchanged."""
    settings = json.loads(tokenizer)
    vocabulary = settings["model"]["vocab"]
    settings["model"]["vocab"] = {RENAMED.get(token, token): index for token, index in vocabulary.items()}
    for token in settings["added_tokens"]:
        token["content"] = RENAMED.get(token["content"], token["content"])
    return json.dumps(settings, ensure_ascii=False)


def convert(source: Path, target: Path) -> None:
    """Writes config.json, model.safetensors (fp32) and tokenizer.json of the GGUF at `source`; `target` appears whole or not at all."""
    from gguf import GGUFReader, dequantize  # only this conversion needs it

    reader = GGUFReader(str(source))
    field = lambda name: reader.fields[name].contents()  # noqa: E731
    if field("general.architecture") != "llama" or field("tokenizer.ggml.pre") != "smollm":
        raise ValueError(f"{source} is not a Llama checkpoint with SmolLM's tokenizer")
    config = llama.Config(
        hidden_size=field("llama.embedding_length"), num_hidden_layers=field("llama.block_count"),
        num_attention_heads=field("llama.attention.head_count"), num_key_value_heads=field("llama.attention.head_count_kv"),
        intermediate_size=field("llama.feed_forward_length"), vocab_size=field("llama.vocab_size"),
        max_position_embeddings=field("llama.context_length"), rope_theta=field("llama.rope.freq_base"), rms_norm_eps=1e-5,
    )  # fmt: skip
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    state = {}
    for tensor in reader.tensors:
        values = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        parts = tensor.name.split(".")
        if parts[0] == "blk":
            values = unpermuted(values, heads[parts[2]]) if parts[2] in heads else values
            name = f"model.layers.{parts[1]}.{NAMES[parts[2]]}.weight"
        else:
            name = {"token_embd": "model.embed_tokens.weight", "output_norm": "model.norm.weight"}[parts[0]]
        state[name] = torch.from_numpy(values.copy())
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    llama.save(llama.from_hugging_face(state, config), config, partial, torch.float32)
    names = ("tokens", "token_type", "merges")
    tokenizer_of(*(field(f"tokenizer.ggml.{name}") for name in names)).save(str(partial / "tokenizer.json"))
    partial.replace(target)
