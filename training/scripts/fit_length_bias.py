"""Fits the constants of CAL's B(L) for a diffuser with a context of its own, and writes them into its config.json."""

import argparse
import json
from pathlib import Path

import torch

from lacuna_training import canvases, corpus, length_bias, model, samples, tokenizer
from lacuna_training.samples import Stream
from lacuna_training.slot_accuracy import canvas_logits

CONTEXT = 384


@torch.no_grad()
def confidences(network: model.Qwen2, stream: Stream) -> list[tuple[int, float]]:
    """Mean largest probability at each length that is not near the true one."""
    rows = []
    for length in length_bias.lengths_for(len(stream.tokens) - 1 - stream.middle):
        longer = Stream([*stream.tokens[: stream.middle], *[0] * length, 0], stream.start, stream.middle, True, stream.suffix)
        logits = canvas_logits(network, longer, canvases.infill(longer, stream.middle, 0.0, None))
        rows.append((length, float(logits[:length].float().softmax(dim=-1).amax(dim=-1).mean())))
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("work/diffuser"))
    parser.add_argument("--corpus", type=Path, default=Path("work/corpus"))
    arguments = parser.parse_args()
    network = model.load(arguments.model)
    bpe = tokenizer.load(arguments.model / "tokenizer.json")
    source = samples.StreamSource(corpus.read_files(arguments.corpus / "validation.jsonl"), bpe, 77)
    points: list[tuple[int, float]] = []
    holes = 0
    while holes < length_bias.HOLES:
        stream = source.draw(CONTEXT)
        if stream.ends and stream.suffix and len(stream.tokens) - 1 > stream.middle:
            points += confidences(network, stream)
            holes += 1
    constants = length_bias.fit(points)
    path = arguments.model / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"lacuna_length_bias": constants}, indent=1))
    print(constants)
