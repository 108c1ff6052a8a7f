"""Fits the constants of CAL's B(L) for a diffuser and writes them into its config.json.

B(L) = a e^(-bL) + c e^(-dL) + e is how the mean largest probability of an all-mask canvas falls with its length L where
nothing of that length is meant (arXiv 2602.00476): 100 holes of held-out packages, every length but those near the true one.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import curve_fit

from lacuna_training import canvases, corpus, model, samples, tokenizer
from lacuna_training.samples import Stream
from lacuna_training.slot_accuracy import canvas_logits

LENGTHS = (1, 2, 4, 6, 12, 16, 24, 32, 48, 64)
NEAR = 4
HOLES = 100
CONTEXT = 384


def bias(length: np.ndarray, a: float, b: float, c: float, d: float, e: float) -> np.ndarray:
    return a * np.exp(-b * length) + c * np.exp(-d * length) + e


@torch.no_grad()
def confidences(network: model.Qwen2, stream: Stream) -> list[tuple[int, float]]:
    """Mean largest probability at each length that is not near the true one."""
    true_length = len(stream.tokens) - 1 - stream.middle
    rows = []
    for length in LENGTHS:
        if abs(length - true_length) <= NEAR:
            continue
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
    while holes < HOLES:
        stream = source.draw(CONTEXT)
        if stream.ends and stream.suffix and len(stream.tokens) - 1 > stream.middle:
            points += confidences(network, stream)
            holes += 1
    lengths, values = np.array(points).T
    fitted, _ = curve_fit(bias, lengths, values, p0=(0.5, 0.5, 0.2, 0.05, 0.2), bounds=(0, [5, 10, 5, 1, 1]), maxfev=20_000)
    constants = dict(zip("abcde", (round(float(value), 5) for value in fitted), strict=True))
    path = arguments.model / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"lacuna_length_bias": constants}, indent=1))
    print(constants)
