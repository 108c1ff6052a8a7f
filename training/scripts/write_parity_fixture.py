"""Writes a tiny checkpoint and the logits that it must give: python scripts/write_parity_fixture.py

The weights are random, from a fixed seed, and large enough that every one of them shows in the logits.
"""

import argparse
import json
import math
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from lacuna_training import model, reference, tokenizer
from lacuna_training.specials import EOS, EXPAND, FIM_SUFFIX, ID, MASK, SEP

TEXTS = [
    "def area(width, height):\n    return width * height\n\n\nfor side in range(4):\n    print(area(side, side))\n" * 3,
    "class Shelf:\n    def __init__(self, books):\n        self.books = books\n",
]
CASES, MAX_TOKENS, BLOCK, MOST_SLOTS = 12, 20, 5, 24
BIAS = {"a": 0.3, "b": 0.4, "c": 0.2, "d": 0.05, "e": 0.1}
PREFIX_LENGTHS = (1, 2, 7, 24)
CONTEXT_LENGTH = 11


def randomize(network: model.Qwen2, generator: torch.Generator) -> None:
    """Replaces all parameters: norms near 1, biases near 0, matrices so that each layer changes the stream by about its own size."""
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            if name.endswith("norm.weight"):
                parameter.copy_(1 + 0.2 * noise)
            elif name.endswith("bias"):
                parameter.copy_(0.5 * noise)
            else:
                parameter.copy_(noise * parameter.shape[1] ** -0.5)
        # Larger rows of the tied head: the decoders must meet both often enough.
        network.embed_tokens.weight[[ID[EOS], ID[EXPAND]]] *= 2.6


def rounded(logits: Tensor) -> list[list[float]]:
    return [[round(value, 6) for value in row] for row in logits.tolist()]


def causal_case(network: model.Qwen2, tokens: list[int]) -> dict:
    """Logits of the last token of several prefixes, each from a pass of its own."""
    last = [network.logits(network(torch.tensor([tokens[:length]]))[0, -1:]) for length in PREFIX_LENGTHS]
    prefixes = [{"length": length, "logits": rounded(row)[0]} for length, row in zip(PREFIX_LENGTHS, last, strict=True)]
    return {"tokens": tokens, "prefixes": prefixes}


def canvas_case(network: model.Qwen2, context: list[int], canvases: list[list[int]]) -> dict:
    """Logits of all canvas tokens: context causal; a canvas sees the context and itself, at positions behind the context."""
    row = context + [token for canvas in canvases for token in canvas]
    allowed = torch.ones(len(row), len(row), dtype=torch.bool).tril()
    allowed[len(context) :, len(context) :] = False
    positions = list(range(len(context)))
    at = len(context)
    for canvas in canvases:
        allowed[at : at + len(canvas), at : at + len(canvas)] = True
        positions += range(len(context), len(context) + len(canvas))
        at += len(canvas)
    mask = torch.zeros(allowed.shape).masked_fill_(~allowed, float("-inf"))[None, None]
    hidden = network(torch.tensor([row]), torch.tensor([positions]), mask)
    return {"context": context, "canvases": canvases, "logits": rounded(network.logits(hidden[0, len(context) :]))}


def decoder_cases(network: model.Qwen2, bpe: Tokenizer, generator: torch.Generator) -> dict:
    """What every decoder of `reference` writes behind random contexts, with the canvas after each pass."""
    forbidden = sorted(ID.values())
    vocabulary = range(network.config.vocab_size)
    line_breaks = frozenset(token for token in vocabulary if "\n" in bpe.decode([token], skip_special_tokens=False))
    cases = []
    for index in range(CASES):
        def draw(count: int) -> list[int]:
            return torch.randint(len(ID), network.config.vocab_size, (count,), generator=generator).tolist()

        context, head = draw(6 + index), draw(3)
        before, after = (bpe.decode(part, skip_special_tokens=False) for part in (context, head))

        def penalty(middle: list[int], before: str = before, after: str = after) -> float:
            return reference.text_penalty(before, bpe.decode(middle, skip_special_tokens=False), after)

        hole = reference.Hole(context, [ID[FIM_SUFFIX], *head], [ID[EXPAND], *head], MAX_TOKENS, forbidden, line_breaks, penalty)
        runs = {
            "ar": reference.autoregressive(network, context, MAX_TOKENS),
            "deer": reference.deer(network, network, context, MAX_TOKENS, BLOCK),
            "fixed": reference.fixed_length(network, hole, 7),
            "dreamon": reference.dream_on(network, hole, 5, MAX_TOKENS),
            "lr": reference.length_regularized(network, hole, MOST_SLOTS),
            "cal": reference.calibrated(network, hole, lambda length: bias(length, **BIAS), MOST_SLOTS),
            "auto": reference.adaptive(network, network, hole, MOST_SLOTS),
            "block": reference.by_blocks(network, hole, BLOCK, 0.2),
        }
        traces = {name: vars(trace) for name, trace in runs.items()}
        cases.append({"context": context, "head": head, "before": before, "after": after, "runs": traces})
    settings = {"maxTokens": MAX_TOKENS, "block": BLOCK, "mostSlots": MOST_SLOTS, "bias": BIAS}
    return {"settings": settings, "cases": cases}


def bias(length: int, a: float, b: float, c: float, d: float, e: float) -> float:
    return a * math.exp(-b * length) + c * math.exp(-d * length) + e


def write_fixture(folder: Path) -> None:
    """Makes the folder's files anew; the same every time."""
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(20)
    bpe = tokenizer.train(TEXTS, vocabulary_size=288)
    config = model.Config(
        hidden_size=64, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1, intermediate_size=96,
        vocab_size=bpe.get_vocab_size(), max_position_embeddings=128,
    )  # fmt: skip
    network = model.Qwen2(config).eval()
    randomize(network, generator)
    model.save(network, folder)
    (folder / "tokenizer.json").write_text(bpe.to_str())

    tokens = torch.randint(len(ID), config.vocab_size, (64,), generator=generator).tolist()
    canvases = [
        [ID[MASK]] * 4 + [ID[SEP]],
        [ID[MASK], tokens[40], ID[MASK], ID[FIM_SUFFIX], *tokens[41:44]],
    ]
    with torch.no_grad():
        cases = {
            "causal": causal_case(network, tokens[: max(PREFIX_LENGTHS)]),
            "canvases": canvas_case(network, tokens[:CONTEXT_LENGTH], canvases),
        }
    (folder / "fixtures.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")
    (folder / "decoders.json").write_text(json.dumps(decoder_cases(network, bpe, generator), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[2] / "test/parity/fixtures/tiny")
    write_fixture(parser.parse_args().out)
