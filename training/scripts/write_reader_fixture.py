"""Writes a tiny reader for each tiny verifier, and what it must give: python scripts/write_reader_fixture.py

A fixture folder holds reader.json and reader.safetensors, as an export has them, for the verifier in the folder of the family's name, and
cases.json: contexts, canvases, logits of every slot by `reader_reference`, certainties, and drafts.
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import load_file

from lacuna_training import frozen_verifier, reader_export, reader_fit, reader_reference
from lacuna_training import reader as reader_module
from lacuna_training.autoregressive import network_of
from lacuna_training.reader import MASK, Reader, ReaderConfig

FIXTURES = Path(__file__).parents[2] / "test/parity/fixtures"
FAMILIES = ("tiny", "llama", "qwen3")
READS, UNITS, HEAD, RANK, SLOTS = (0, 1), 32, 240, 8, 8
CONTEXT = 24


def randomize(network: Reader, generator: torch.Generator) -> None:
    """Moves every parameter, so that each shows in the logits, and to 16 bits' worth of it, which keeps the file exact."""
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            size = 0.2 if parameter.dim() < 2 else 0.5 * parameter.shape[-1] ** -0.5
            size = {"following": 0.7, "slots": 0.3, "roles": 0.3, "mask": 0.5}.get(name, size)
            parameter.copy_((parameter + size * noise).to(torch.bfloat16))


def make_reader(folder: Path, generator: torch.Generator, is_autoregressive: bool = False) -> tuple[Reader, frozen_verifier.FrozenVerifier]:
    verifier = frozen_verifier.load(folder, torch.float32)
    head = torch.randperm(verifier.shape.vocabulary, generator=generator)[:HEAD]
    config = ReaderConfig(verifier.shape, READS, UNITS, HEAD, RANK, SLOTS, is_autoregressive)
    network = network_of(config).attach(verifier, head)
    tokens = torch.randint(8, verifier.shape.vocabulary, (2, 16), generator=generator)
    units = reader_module.important_units(verifier, tokens, READS, UNITS)
    reader_module.initialize(network, verifier, 0, generator)
    reader_fit.fit(network, verifier, units, list(torch.randint(8, verifier.shape.vocabulary, (40, 64), generator=generator)))
    randomize(network, generator)
    return network, verifier


def case(settings: dict, tensors: dict, verifier: frozen_verifier.FrozenVerifier, context: list[int], canvas: list[int], role: str) -> dict:
    """`canvas` begins with the anchor, which stands at position len(context); a draft's has no token for its last slot."""
    reading = verifier.read(torch.tensor([context]), settings["reads"])
    cache = [(k[0].transpose(0, 1), v[0].transpose(0, 1)) for k, v in reading.keys_values]
    own = {"embedding": verifier.embed_tokens.weight, "norm": verifier.norm.weight, "head": verifier.head}
    last = reading.hidden[0, -1]
    states = reader_reference.canvas_states(settings, tensors, own, cache, last, len(context), canvas, role)
    before = canvas if role == "draft" else canvas[:-1]
    states = states[: len(before)]
    logits = [reader_reference.slot_logits(settings, tensors, own, *pair) for pair in zip(states, before, strict=True)]
    found = {
        "context": context, "canvas": canvas, "role": role,
        "logits": [[round(value, 4) for value in row.tolist()] for row in logits],
        "certainty": [round(reader_reference.certainty(settings, tensors, *pair), 5) for pair in zip(states, before, strict=True)],
    }  # fmt: skip
    if role == "draft":
        found["draft"] = reader_reference.draft(settings, tensors, own, states, canvas[0])
    return found


@torch.no_grad()
def write_fixture(family: str, out: Path) -> None:
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(40 + FAMILIES.index(family))
    source = FIXTURES / family
    network, verifier = make_reader(source, generator)
    belongs = {"sha256": frozen_verifier.checkpoint_hash(source), "weights": "none"}
    reader_export.save(network.state_dict(), network.config, network.token_of[:-2], belongs, out)
    settings, tensors = json.loads((out / "reader.json").read_text()), load_file(str(out / "reader.safetensors"))
    tokens = torch.randint(8, verifier.shape.vocabulary, (CONTEXT + SLOTS + 1,), generator=generator).tolist()
    rest = tokens[CONTEXT:]
    partly = [token if index % 3 == 0 else MASK for index, token in enumerate(rest)]
    cases = [
        case(settings, tensors, verifier, tokens[:CONTEXT], [rest[0], *[MASK] * 5], "draft"),
        case(settings, tensors, verifier, tokens[:3], [tokens[3], *[MASK] * (SLOTS - 1)], "draft"),
        case(settings, tensors, verifier, tokens[:CONTEXT], [rest[0], *[MASK] * 3], "infill"),
        case(settings, tensors, verifier, tokens[:CONTEXT], partly, "infill"),
    ]
    (out / "cases.json").write_text(json.dumps({"cases": cases}, separators=(",", ":")) + "\n")


@torch.no_grad()
def write_autoregressive_fixture(out: Path) -> None:
    """Drafts of SLOTS tokens, one a pass, behind contexts of several lengths, by the network itself."""
    generator = torch.Generator().manual_seed(50)
    source = FIXTURES / "llama"
    network, verifier = make_reader(source, generator, is_autoregressive=True)
    # Sure enough of itself for the engine to write a draft to its end.
    network.confidence.bias.add_(2)
    belongs = {"sha256": frozen_verifier.checkpoint_hash(source), "weights": "none"}
    reader_export.save(network.state_dict(), network.config, network.token_of[:-2], belongs, out)
    tokens = torch.randint(8, verifier.shape.vocabulary, (CONTEXT + 1,), generator=generator)
    cases = []
    for length in (3, 9, CONTEXT):
        reading = verifier.read(tokens[None, :length], list(READS))
        anchor = torch.tensor([length])
        drafted, certainty = network.draft_behind(tokens[anchor], anchor, reading.keys_values, reading.hidden[0, anchor - 1], SLOTS)
        chances = [round(value, 5) for value in certainty[0].sigmoid().tolist()]
        cases.append({"context": tokens[:length].tolist(), "anchor": int(tokens[length]), "draft": drafted[0].tolist(), "certainty": chances})
    (out / "cases.json").write_text(json.dumps({"cases": cases}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FIXTURES)
    folder = parser.parse_args().out
    for family in FAMILIES:
        write_fixture(family, folder / f"reader-{family}")
    write_autoregressive_fixture(folder / "reader-autoregressive")
