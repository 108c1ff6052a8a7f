"""Canvases for the reader. A row is a hole of a file in the verifier's own layout; one prefill of it serves all of its canvases.

Draft canvases begin anywhere in prefix and middle and are all masked; what they learn is what the verifier would write there. Infill
canvases begin in the middle; they are masked in part or whole, and slots beyond the middle's end are surplus.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from lacuna_training import fill_rows
from lacuna_training.corpus import SourceFile
from lacuna_training.reader import MASK

# Targets that are no token: nothing is learned there; the slot is surplus.
NOTHING, END = -100, -2
# Longest rows, how often. Contexts of an editor are longer than most of these; positions reach the rest by rotation.
LENGTHS = (128, 192, 256, 384, 768, 1024)
SHARES = (0.15, 0.25, 0.3, 0.17, 0.1, 0.03)
PADDING = 32
# What a surplus slot counts beside a token. Where all those of a canvas count as one token together, END is said at 5 % of them at most.
SURPLUS_WEIGHT = 0.5


@dataclass(frozen=True)
class Layout:
    """Tokens before suffix, prefix and middle; `ends` end a middle, the first of them is what is written."""

    suffix: tuple[int, ...]
    prefix: tuple[int, ...]
    middle: tuple[int, ...]
    ends: tuple[int, ...]
    is_suffix_first: bool = True


def read_layout(folder: Path, tokenizer: Tokenizer) -> Layout:
    """From the checkpoint's lacuna.json, else by the names of known tokens. @raises ValueError where neither says it."""
    if (folder / "lacuna.json").exists():
        settings = json.loads((folder / "lacuna.json").read_text())
        prompt = settings["promptFormat"]
        parts = (tuple(prompt[part]) for part in ("suffix", "prefix", "middle"))
        return Layout(*parts, tuple(settings["ends"]), prompt["order"] == "suffixFirst")
    ids = {name: tokenizer.token_to_id(f"<|{name}|>") for name in ("fim_prefix", "fim_suffix", "fim_middle", "endoftext")}
    if None not in ids.values():  # Qwen2.5-Coder
        return Layout((ids["fim_prefix"], ids["fim_suffix"]), (ids["fim_middle"],), (), (ids["endoftext"],))
    ids = {name: tokenizer.token_to_id(name) for name in ("<issue_start>", "<issue_comment>", "<issue_closed>", "<|endoftext|>")}
    if None not in ids.values():  # SmolLM2, before it has learned to fill in
        suffix, prefix, middle, end = ids.values()
        return Layout((suffix,), (prefix,), (middle,), (end,))
    raise ValueError(f"{folder} has no lacuna.json that says how a prompt is laid out, and its tokens have no known names")


@dataclass(frozen=True)
class LaidOut:
    """`tokens[text:]` is the prefix, `tokens[middle:]` the middle and its end; the layout's own tokens lie before both."""

    tokens: list[int]
    text: int
    middle: int
    marker: int  # how many tokens stand between prefix and middle: a marker, and with the prefix first the suffix as well
    language: str


class RowSource(fill_rows.RowSource):
    """Rows whose draws can be made to depend on a key alone."""

    def __init__(self, files: Sequence[SourceFile], tokenizer: Tokenizer, layout: Layout) -> None:
        super().__init__(files, tokenizer, 0)
        self._layout = layout

    def rows(self, key: str, count: int) -> tuple[list[LaidOut], random.Random]:
        """The `count` rows of `key`, shortest first, and the generator that drew them."""
        self._random = rng = random.Random(key)
        longest = rng.choices(LENGTHS, SHARES, k=count)
        return sorted((self.laid_out(self.draw(length)) for length in longest), key=lambda row: len(row.tokens)), rng

    def laid_out(self, row: fill_rows.Row) -> LaidOut:
        suffix, prefix = row.tokens[1 : row.prefix - 1], row.tokens[row.prefix : row.middle - 1]
        layout = self._layout
        before, after = [*layout.suffix, *suffix], [*layout.middle]
        if layout.is_suffix_first:
            before += layout.prefix
        else:
            before, after = [*layout.prefix], [*before, *after]
        tokens = [*before, *prefix, *after, *row.tokens[row.middle : -1], layout.ends[0]]
        return LaidOut(tokens, len(before), len(before) + len(prefix) + len(after), len(after), row.language)


@dataclass
class Canvases:
    """inputs [rows, canvases, places], lengths and anchors [rows, canvases], targets and weights [rows, canvases, slots].

    Places are the anchor and all slots; a draft's last slot, a mask that nothing is told at, has none.
    """

    inputs: Tensor
    lengths: Tensor
    anchors: Tensor
    targets: Tensor
    weights: Tensor

    def to(self, device: str) -> Canvases:
        return Canvases(*(part.to(device) for part in vars(self).values()))


@dataclass
class ReaderBatch:
    tokens: Tensor
    draft: Canvases
    infill: Canvases

    def to(self, device: str) -> ReaderBatch:
        return ReaderBatch(self.tokens.to(device), self.draft.to(device), self.infill.to(device))


@dataclass
class Recipe:
    """How many canvases a row has, and how they are drawn."""

    drafts: int = 24
    infills: int = 6
    draft_slots: tuple[int, ...] = (4, 7, 7, 7, 10, 16)
    most_slots: int = 64
    usual_slots: int = 24
    all_masked: float = 0.5
    surplus: float = 0.4
    most_surplus: int = 12
    batch_tokens: int = field(default=2048)


def draft_anchors(row: LaidOut, count: int, rng: random.Random) -> list[int]:
    """Up to half of them in the middle, the rest in the prefix; behind at least 8 tokens of it where there are as many."""
    middle = list(range(row.middle - 1, len(row.tokens) - 1))
    last = row.middle - row.marker - 1  # the last token of the prefix
    prefix = list(range(min(row.text + 8, max(row.text, last - 1)), last))
    chosen = rng.sample(middle, min(len(middle), count // 2))
    if prefix:
        chosen += rng.sample(prefix, min(len(prefix), count - len(chosen)))
    return chosen + rng.choices(chosen, k=count - len(chosen))


def draft_canvases(rows: Sequence[LaidOut], slots: int, count: int, rng: random.Random) -> Canvases:
    """All-masked canvases; targets are the real tokens, for `labelled` to compare with what the verifier says."""
    anchors = [draft_anchors(row, count, rng) for row in rows]
    inputs = torch.full((len(rows), count, slots), MASK)
    targets = torch.full((len(rows), count, slots), NOTHING)
    for index, row in enumerate(rows):
        for at, anchor in enumerate(anchors[index]):
            inputs[index, at, 0] = row.tokens[anchor]
            # Where a hole begins is the person's choice: a draft in the prefix knows nothing of it.
            end = row.middle - row.marker if row.marker and anchor < row.middle - 1 else len(row.tokens)
            real = row.tokens[anchor + 1 : min(end, anchor + 1 + slots)]
            targets[index, at, : len(real)] = torch.tensor(real, dtype=torch.long)
    weights = (targets != NOTHING).float()
    return Canvases(inputs, torch.full((len(rows), count), slots), torch.tensor(anchors), targets, weights)


def labelled(canvases: Canvases, best: Tensor, after: float) -> tuple[Tensor, Tensor]:
    """Targets and weights by consistent runs. best [rows, canvases, slots] is the verifier's arg-max after the real tokens before a slot.

    As long as the real tokens are the verifier's own, its arg-max is its greedy text: up to and including the first slot where it says
    something else. From there on the real tokens, at weight `after`.
    """
    same = best == canvases.targets
    before = torch.cat([torch.ones_like(same[..., :1]), same[..., :-1]], -1).cumprod(-1).bool()
    valid = canvases.targets != NOTHING
    targets = torch.where(before & valid, best, canvases.targets)
    return targets, torch.where(before, 1.0, after) * valid


def infill_canvases(rows: Sequence[LaidOut], recipe: Recipe, rng: random.Random) -> Canvases:
    """Canvases over what is left of each row's middle, often with surplus slots."""
    most = recipe.usual_slots if rng.random() < 0.75 else recipe.most_slots
    drawn: list[list[tuple[int, list[int], list[int]]]] = []
    for row in rows:
        begin, end = row.middle, len(row.tokens) - 1
        own = []
        for _ in range(recipe.infills):
            surplus = rng.randint(1, recipe.most_surplus) if rng.random() < recipe.surplus else 0
            first = max(0, end - begin - most)
            start = begin + (first if rng.random() < 0.5 else rng.randint(first, max(first, end - begin - 1)))
            real = row.tokens[start:end]
            slots = [*real, *[END] * min(surplus, most - len(real))]
            share = 0.0 if rng.random() < recipe.all_masked else rng.random()
            decided = [rng.random() < share for _ in slots]
            if all(decided):
                decided[rng.randrange(len(slots))] = False
            shown = [row.tokens[-1] if slot == END else slot for slot in slots]
            inputs = [row.tokens[start - 1], *(slot if known else MASK for slot, known in zip(shown, decided, strict=True))]
            targets = [NOTHING if known else slot for slot, known in zip(slots, decided, strict=True)]
            own.append((start - 1, inputs, targets))
        drawn.append(own)
    size = max((len(inputs) for own in drawn for _, inputs, _ in own), default=1)
    shape = (len(rows), recipe.infills)
    inputs, targets = torch.full((*shape, size), MASK), torch.full((*shape, size - 1), NOTHING)
    lengths, anchors = torch.zeros(shape, dtype=torch.long), torch.zeros(shape, dtype=torch.long)
    for index, own in enumerate(drawn):
        for at, (anchor, tokens, wanted) in enumerate(own):
            inputs[index, at, : len(tokens)] = torch.tensor(tokens)
            targets[index, at, : len(wanted)] = torch.tensor(wanted)
            lengths[index, at], anchors[index, at] = len(tokens), anchor
    weights = torch.where(targets == END, SURPLUS_WEIGHT, (targets != NOTHING).float())
    return Canvases(inputs, lengths, anchors, targets, weights)


def padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """[rows, the longest, up to the next multiple of 32]."""
    length = -(-max(map(len, rows)) // PADDING) * PADDING
    tokens = torch.zeros(len(rows), length, dtype=torch.long)
    for index, row in enumerate(rows):
        tokens[index, : len(row)] = torch.tensor(row)
    return tokens


def micro_batches(rows: Sequence[LaidOut], recipe: Recipe, rng: random.Random) -> list[ReaderBatch]:
    """Rows, shortest first, in batches of about `recipe.batch_tokens` tokens of context."""
    groups: list[list[LaidOut]] = [[]]
    for row in rows:
        size = -(-len(row.tokens) // PADDING) * PADDING
        if groups[-1] and (len(groups[-1]) + 1) * size > recipe.batch_tokens:
            groups.append([])
        groups[-1].append(row)
    return [
        ReaderBatch(
            padded([row.tokens for row in group]),
            draft_canvases(group, rng.choice(recipe.draft_slots), recipe.drafts, rng),
            infill_canvases(group, recipe, rng),
        )
        for group in groups
    ]


def frequent_tokens(files: Sequence[SourceFile], tokenizer: Tokenizer, count: int, always: Sequence[int], seed: int, size: int) -> Tensor:
    """The `count` ids for the head: `always`, single bytes, white space, then the most frequent of `size` files, drawn as rows are."""
    rng = random.Random(seed)
    seen: Counter[int] = Counter()
    for file in rng.choices(files, cum_weights=fill_rows.cumulative_weights(files), k=size):
        begin = rng.randrange(max(1, len(file.text) - 6000))
        seen.update(tokenizer.encode(file.text[begin : begin + 6000], add_special_tokens=False).ids)
    kept = dict.fromkeys(always)
    for token in range(tokenizer.get_vocab_size()):
        text = tokenizer.decode([token], skip_special_tokens=False)
        # Vocabularies of many languages have thousands of letters, and of parts of letters, that code hardly ever uses.
        is_white = text != "" and text.isascii() and not text.strip()
        if is_white or len(tokenizer.id_to_token(token) or "") == 1:
            kept[token] = None
    kept |= dict.fromkeys(token for token, _ in seen.most_common())
    kept |= dict.fromkeys(range(tokenizer.get_vocab_size()))  # a small corpus
    return torch.tensor(list(kept)[:count])


def coverage(files: Sequence[SourceFile], tokenizer: Tokenizer, tokens: Tensor) -> float:
    """Share of the tokens of `files` that are among `tokens`."""
    known, all_of, inside = set(tokens.tolist()), 0, 0
    for file in files:
        ids = tokenizer.encode(file.text, add_special_tokens=False).ids
        all_of, inside = all_of + len(ids), inside + sum(token in known for token in ids)
    return inside / max(1, all_of)
