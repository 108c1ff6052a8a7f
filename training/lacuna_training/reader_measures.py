"""What a reader is worth, on packages it has not seen: tokens a verify, slots right, and whether it knows where a middle ends."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from lacuna_training.frozen_verifier import FrozenVerifier, Reading
from lacuna_training.reader import INFILL, Reader
from lacuna_training.reader_data import END, Canvases, LaidOut, Layout, Recipe, infill_canvases, padded

DRAFT_SLOTS = 7


BATCH = 8


@dataclass
class HeldOut:
    """`rows` are held-out holes; `texts[i]` is the verifier's own greedy text behind the prompt of `rows[i]`.

    What the verifier's prefills say of them is kept: a reading does not change while a reader is trained.
    """

    rows: list[LaidOut]
    texts: list[list[int]]
    readings: dict[tuple[str, int], Reading] = field(default_factory=dict)

    def read(self, kind: str, first: int, verifier: FrozenVerifier, layers: list[int]) -> Reading:
        """Of BATCH rows from `first` on, with their "greedy" texts or with "people"'s middles."""
        if (kind, first) not in self.readings:
            rows, texts = self.rows[first : first + BATCH], self.texts[first : first + BATCH]
            greedy = [row.tokens[: row.middle] + text for row, text in zip(rows, texts, strict=True)]
            tokens = padded(greedy if kind == "greedy" else [row.tokens for row in rows])
            self.readings[kind, first] = verifier.read(tokens.to(verifier.norm.weight.device), layers)
        return self.readings[kind, first]


@torch.no_grad()
def write_texts(verifier: FrozenVerifier, rows: Sequence[LaidOut], layout: Layout, count: int, batch: int = 16) -> HeldOut:
    """The greedy texts, of up to `count` tokens each."""
    rows = sorted(rows, key=lambda row: row.middle)
    texts: list[list[int]] = []
    for at in range(0, len(rows), batch):
        prompts = [row.tokens[: row.middle] for row in rows[at : at + batch]]
        texts += verifier.continue_greedily(prompts, count, frozenset(layout.ends))
    return HeldOut(rows, texts)


def walk(drafted: list[list[int]], text: list[int]) -> tuple[int, int]:
    """(tokens, verifies) when the draft behind text[:at] is drafted[at], and a verify gives what agrees and one token more."""
    at = verifies = 0
    while at < len(text):
        accepted = 0
        for token in drafted[at]:
            if at + accepted >= len(text) or token != text[at + accepted]:
                break
            accepted += 1
        at = min(len(text), at + accepted + 1)
        verifies += 1
    return len(text), verifies


@torch.no_grad()
def drafts(reader: Reader, verifier: FrozenVerifier, held_out: HeldOut, slots: int) -> list[list[list[int]]]:
    """For each text the drafts behind each of its tokens but the last: [i][at] follows prompt + text[:at]."""
    found: list[list[list[int]]] = []
    device = reader.mask.device
    for first in range(0, len(held_out.rows), BATCH):
        reading = held_out.read("greedy", first, verifier, list(reader.config.reads))
        for at, text in enumerate(held_out.texts[first : first + BATCH]):
            row = held_out.rows[first + at]
            known = torch.tensor([row.tokens[row.middle - 1], *text[:-1]], device=device)
            anchors = torch.arange(row.middle - 1, row.middle - 1 + len(text), device=device)
            cache = [(k[at : at + 1], v[at : at + 1]) for k, v in reading.keys_values]
            found.append(reader.draft_behind(known, anchors, cache, reading.hidden[at, anchors - 1], slots)[0].tolist())
    return found


def acceptance(reader: Reader, verifier: FrozenVerifier, held_out: HeldOut, slots: int = DRAFT_SLOTS) -> dict:
    """Greedy drafting by the reader alone. `slots_right[i]`: slot i + 1 right where all before it are."""
    drafted = drafts(reader, verifier, held_out, slots)
    tokens = verifies = 0
    reached, right = [0] * slots, [0] * slots
    for own, text in zip(drafted, held_out.texts, strict=True):
        both = walk(own, text)
        tokens, verifies = tokens + both[0], verifies + both[1]
        for at, draft in enumerate(own):
            for slot, (token, wanted) in enumerate(zip(draft, text[at:], strict=False)):
                reached[slot] += 1
                if token != wanted:
                    break
                right[slot] += 1
    shares = [round(right[slot] / max(1, reached[slot]), 3) for slot in range(slots)]
    return {"tau": round(tokens / max(1, verifies), 3), "slots_right": shares, "tokens": tokens}


@torch.no_grad()
def infilling(reader: Reader, verifier: FrozenVerifier, held_out: HeldOut, recipe: Recipe, rng: random.Random) -> dict:
    """All-masked canvases over people's middles, with surplus: slots right, surplus slots known as such, ends named where they are."""
    counts = dict.fromkeys(("slots", "right", "surplus", "named", "false", "canvases", "exact", "first"), 0)
    device = str(reader.mask.device)
    whole = Recipe(infills=2, all_masked=1.0, surplus=0.5, most_surplus=recipe.most_surplus, usual_slots=40, most_slots=40)
    for first in range(0, len(held_out.rows), BATCH):
        canvases = infill_canvases(held_out.rows[first : first + BATCH], whole, rng).to(device)
        reading = held_out.read("people", first, verifier, list(reader.config.reads))
        hidden = read_canvases(reader, reading, canvases, INFILL)[:, :, :-1]
        classes = reader.logits(hidden, reader.before(torch.full_like(canvases.targets, -1))).argmax(-1)
        ends = classes == reader.config.head_tokens
        is_end, is_token = canvases.targets == END, canvases.targets >= 0
        same = (reader.token_of[classes] == canvases.targets) & is_token
        counts["slots"] += int(is_token.sum())
        counts["right"] += int(same.sum())
        counts["surplus"] += int(is_end.sum())
        counts["named"] += int((ends & is_end).sum())
        counts["false"] += int((ends & is_token).sum())
        counts["canvases"] += int((is_token | is_end).any(-1).sum())
        counts["exact"] += int((((ends == is_end) | ~(is_token | is_end)).all(-1)).sum())
        counts["first"] += int(same[..., 0].sum())
    return {
        "infill_right": round(counts["right"] / max(1, counts["slots"]), 3), "infill_first": round(counts["first"] / max(1, counts["canvases"]), 3),
        "end_named": round(counts["named"] / max(1, counts["surplus"]), 3), "end_false": round(counts["false"] / max(1, counts["slots"]), 3),
        "end_exact": round(counts["exact"] / max(1, counts["canvases"]), 3),
    }  # fmt: skip


def read_canvases(reader: Reader, reading: Reading, canvases: Canvases, role: int) -> Tensor:
    """One pass of the reader over canvases of rows that were read."""
    rows = torch.arange(len(canvases.anchors), device=canvases.anchors.device)[:, None]
    last = reading.hidden[rows, (canvases.anchors - 1).clamp(min=0)]
    return reader(canvases.inputs, canvases.lengths, canvases.anchors, reading.keys_values, last, role)
