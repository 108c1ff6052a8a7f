"""The canvases the diffuser learns from.

A canvas is anchored in a stream: it sees the stream before its anchor and all of itself. What stands behind its last
slot says what is promised:

    draft      MASK * k  SEP                              the text goes on
    infill     MASK * n  FIM_SUFFIX suffix[:8]            exactly these slots lie before the suffix
    flexible   MASK * n  EXPAND suffix[:8]                the suffix follows, but slots may have to split or to go

Only flexible canvases have EXPAND (one slot stands for two) and EOS (the slot goes) as answers, as DreamOn has them
(arXiv 2602.01326). So the length of an infilling canvas can be judged by confidence without those answers in the way,
and one network serves both ways to find a length.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from lacuna_training.samples import Stream
from lacuna_training.specials import EOS, EXPAND, FIM_SUFFIX, ID, MASK, SEP

SUFFIX_HEAD_TOKENS = 8
LONGEST_INFILL = 64
MOST_DELETES = 31


@dataclass(frozen=True)
class Canvas:
    """Input tokens, targets (-100 where there is nothing to learn) and loss weights of one canvas, and its kind."""

    kind: str
    anchor: int
    tokens: list[int]
    targets: list[int]
    weights: list[float]


def _canvas(kind: str, anchor: int, labels: list[int], shown: list[bool], weights: list[float], tail: list[int]) -> Canvas:
    tokens = [label if s else ID[MASK] for label, s in zip(labels, shown, strict=True)] + tail
    targets = [-100 if s else label for label, s in zip(labels, shown, strict=True)] + [-100] * len(tail)
    return Canvas(kind, anchor, tokens, targets, weights + [0.0] * len(tail))


def draft(stream: Stream, anchor: int, length: int, decay: float, shown: float, rng: random.Random) -> Canvas:
    """The `length` tokens from `anchor` on; slot i weighs decay**i; a true end is repeated to the end of the canvas.

    Each slot is shown with probability `shown`; EOS never is.
    """
    labels = stream.tokens[anchor : anchor + length]
    missing = length - len(labels)
    if missing and stream.tokens[-1] != ID[EOS]:  # what follows is not known
        length, missing = len(labels), 0
    labels = labels + [ID[EOS]] * missing
    is_shown = [label != ID[EOS] and rng.random() < shown for label in labels]
    weights = [decay**slot for slot in range(length)]
    return _canvas("draft", anchor, labels, is_shown, weights, [ID[SEP]])


def infill(stream: Stream, anchor: int, shown: float, rng: random.Random | None) -> Canvas:
    """Everything from `anchor` to the end of the middle; each slot is shown with probability `shown`; without `rng` none is."""
    labels = stream.tokens[anchor : len(stream.tokens) - 1]
    is_shown = [rng is not None and rng.random() < shown for _ in labels]
    return _canvas("infill", anchor, labels, is_shown, [1.0] * len(labels), _tail(FIM_SUFFIX, stream))


def flexible(stream: Stream, anchor: int, shown: float, rng: random.Random) -> Canvas:
    """As `infill`, with masked neighbours merged into EXPAND and masked EOS slots put behind.

    Merges: with probability 0.5, or, half of the time, 0.5 (1 - masked share). The EOS slots together weigh as one slot.
    """
    truth = stream.tokens[anchor : len(stream.tokens) - 1]
    is_masked = [rng.random() >= shown for _ in truth]
    merge = 0.5 if rng.random() < 0.5 else 0.5 * (1 - sum(is_masked) / max(1, len(truth)))
    labels: list[int] = []
    is_shown: list[bool] = []
    at = 0
    while at < len(truth):
        merges = at + 1 < len(truth) and is_masked[at] and is_masked[at + 1] and rng.random() < merge
        labels.append(ID[EXPAND] if merges else truth[at])
        is_shown.append(not is_masked[at])
        at += 2 if merges else 1
    deletes = rng.randint(0, MOST_DELETES) if rng.random() < 0.6 else 0
    weights = [1.0] * len(labels) + [1.0 / max(1, deletes)] * deletes
    labels += [ID[EOS]] * deletes
    is_shown += [False] * deletes
    return _canvas("flexible", anchor, labels, is_shown, weights, _tail(EXPAND, stream))


def _tail(marker: str, stream: Stream) -> list[int]:
    return [ID[marker], *stream.suffix[:SUFFIX_HEAD_TOKENS]]
