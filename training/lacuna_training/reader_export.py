"""The reader as files: reader.json and reader.safetensors.

reader.json says which verifier the reader belongs to (`verifier.sha256`, of its weight files; `verifier.weights`, the weight plan it was
trained beside), which layers it reads and which tokens its head knows. Tensors, all [rows, columns] or a vector, fp32:

    layers.I.input_layernorm.weight · layers.I.self_attn.{q,k,v,o}_proj.weight [.bias] · layers.I.self_attn.{q,k}_norm.weight
    layers.I.post_attention_layernorm.weight · layers.I.mlp.{gate,up,down}_proj.weight
    input_map.weight, hidden_map.weight [hidden, hidden] · mask, end [1, hidden] · slots [1 + slots, hidden] · roles [2, hidden]
    previous [head tokens + 2, rank] · following [head tokens + 1, rank] · confidence.weight [1, hidden + rank] · confidence.bias [1]

A matrix may also be stored as codes of 8 bits, `NAME` int8 and `NAME.scales` [rows] fp32, as an import in `rows` makes them: a quarter of the bytes.

What is the verifier's own is not written: embedding, final norm, the head's rows. `reader_reference.py` says what is computed with them.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from lacuna_training import quantized
from lacuna_training.flat_adam import flat_slices
from lacuna_training.frozen_verifier import FrozenVerifier, Shape, read_shape
from lacuna_training.reader import Reader, ReaderConfig

FORMAT = 2


def _taken_apart(state: dict[str, Tensor], shape: Shape) -> dict[str, Tensor]:
    parts = [shape.heads * shape.head_dim, *[shape.kv_heads * shape.head_dim] * 2]
    result = {}
    for name, tensor in state.items():
        owner, _, leaf = name.rpartition(".")
        module, _, last = owner.rpartition(".")
        if last == "qkv_proj":
            names = [f"{module}.self_attn.{part}_proj.{leaf}" for part in "qkv"]
            result |= dict(zip(names, tensor.split(parts), strict=True))
        elif last == "gate_up_proj":
            result |= dict(zip((f"{module}.mlp.{part}_proj.{leaf}" for part in ("gate", "up")), tensor.chunk(2), strict=True))
        elif last == "down_proj":
            result[f"{module}.mlp.down_proj.{leaf}"] = tensor
        elif last in ("o_proj", "q_norm", "k_norm"):
            result[f"{module}.self_attn.{last}.{leaf}"] = tensor
        else:
            result[name] = tensor
    return result


def _joined(tensors: dict[str, Tensor], names: list[str]) -> dict[str, Tensor]:
    """The inverse of `_taken_apart`, for parameters of these names."""
    state = {}
    for name in names:
        owner, _, leaf = name.rpartition(".")
        module, _, last = owner.rpartition(".")
        if last == "qkv_proj":
            state[name] = torch.cat([tensors[f"{module}.self_attn.{part}_proj.{leaf}"] for part in "qkv"])
        elif last == "gate_up_proj":
            state[name] = torch.cat([tensors[f"{module}.mlp.{part}_proj.{leaf}"] for part in ("gate", "up")])
        elif last == "down_proj":
            state[name] = tensors[f"{module}.mlp.down_proj.{leaf}"]
        elif last in ("o_proj", "q_norm", "k_norm"):
            state[name] = tensors[f"{module}.self_attn.{last}.{leaf}"]
        else:
            state[name] = tensors[name]
    return state


SCALES = ".scales"
# Matrices of fewer values are stored as they are.
FEWEST_CODES = 1 << 14


def _coded(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Matrices as codes and scales."""
    result = {}
    for name, tensor in tensors.items():
        if tensor.dim() < 2 or tensor.numel() < FEWEST_CODES:
            result[name] = tensor
            continue
        scales = tensor.abs().amax(1).clamp(min=1e-12) / quantized.PEAK
        result[name] = (tensor / scales[:, None]).round().to(torch.int8)
        result[name + SCALES] = scales
    return result


def _decoded(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    plain = {name: tensor for name, tensor in tensors.items() if not name.endswith(SCALES)}
    return {name: tensors[name].float() * tensors[name + SCALES][:, None] if name + SCALES in tensors else tensor for name, tensor in plain.items()}


def save(
    state: dict[str, Tensor], config: ReaderConfig, head_tokens: Tensor, verifier: dict, folder: Path, extra: dict | None = None, codes: bool = False
) -> None:
    """Writes the two files; `verifier` is {"sha256", "weights"}."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.detach().float().contiguous().clone() for name, tensor in _taken_apart(state, config.shape).items()}
    tensors = _coded(tensors) if codes else tensors
    settings = {
        "format": FORMAT, "role": "reader", "verifier": verifier | asdict(config.shape), "reads": list(config.reads), "units": config.units,
        "rank": config.rank, "slots": config.slots, "roles": ["draft", "infill"], "headTokens": head_tokens.tolist(),
    }  # fmt: skip
    if config.is_autoregressive:
        settings["isAutoregressive"] = True
    partial = folder / "reader.safetensors.partial"
    save_file(tensors, str(partial), metadata={"format": "pt"})
    partial.replace(folder / "reader.safetensors")
    (folder / "reader.json").write_text(json.dumps(settings | (extra or {})))


def load(folder: Path, verifier: FrozenVerifier, sha256: str) -> Reader:
    """The reader, attached to the verifier it belongs to. @raises ValueError where it is another's"""
    settings = json.loads((folder / "reader.json").read_text())
    if settings["verifier"]["sha256"] != sha256:
        raise ValueError(f"the reader in {folder} was trained for another verifier")
    config, tokens = config_of(folder, verifier.shape)
    network = Reader(config)
    tensors = _decoded(load_file(str(folder / "reader.safetensors")))
    network.load_state_dict(_joined(tensors, list(network.state_dict())))
    dtype = verifier.norm.weight.dtype
    return network.to(dtype).requires_grad_(False).attach(verifier, tokens)


def is_export(folder: Path) -> bool:
    return (folder / "reader.safetensors").exists()


def config_of(folder: Path, shape: Shape) -> tuple[ReaderConfig, Tensor]:
    """Of an exported reader: its sizes, and the tokens of its head."""
    settings = json.loads((folder / "reader.json").read_text())
    tokens = torch.tensor(settings["headTokens"])
    return ReaderConfig(shape, tuple(settings["reads"]), settings["units"], len(tokens), settings["rank"], settings["slots"]), tokens


def masters(folder: Path, config: ReaderConfig, scales: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
    """The parameters of an exported reader by their names, fp32, for a training whose inputs `scales` divide."""
    with torch.device("meta"):
        names = list(Reader(config).state_dict())
    state = _joined(_decoded(load_file(str(folder / "reader.safetensors"))), names)
    for name, scale in zip(("input_map.weight", "hidden_map.weight"), scales, strict=True):
        state[name] = state[name] * scale.float().cpu()
    return state


def export_run(run: Path, verifier: Path, out: Path, average: str = "average", codes: bool = False) -> dict:
    """From the folder of a run; returns where the run stood."""
    prepared = torch.load(run / "prepared.pt", weights_only=True)
    state = torch.load(run / "state.pt", weights_only=True, mmap=True)
    shape = read_shape(json.loads((verifier / "config.json").read_text()))
    config = ReaderConfig.of_run(prepared["config"], shape)
    with torch.device("meta"):
        network = Reader(config)
    shapes = dict(network.named_parameters())
    tensors = {name: state[average][part].view(shapes[name].shape) for name, part in flat_slices(network)}
    for name, scale in zip(("input_map.weight", "hidden_map.weight"), prepared["scales"], strict=True):
        tensors[name] = tensors[name] / scale.float()
    done = {"step": state["step"], "minutes": round(state["elapsed"] / 60, 1)}
    belongs = {"sha256": prepared["verifier"], "weights": prepared["weights"]}
    save(tensors, config, prepared["head_tokens"], belongs, out, {"state": done}, codes)
    return done
