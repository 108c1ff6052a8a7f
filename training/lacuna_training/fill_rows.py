"""Rows for a verifier that fills in: one hole a row, in the product's layout.

    FIM_SUFFIX suffix FIM_PREFIX prefix FIM_MIDDLE middle END

Prefix, middle and suffix are tokenized apart, as the product does it. Most rows are short, so that a token of arithmetic teaches many
holes; a batch has rows of one bucket of lengths, so that hardly anything of it is padding.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from lacuna_training import corpus, editor_holes, exercises, small_files
from lacuna_training.corpus import SourceFile


@dataclass(frozen=True)
class Markers:
    """Ids of the special tokens of a row; the defaults are free ones of SmolLM2."""

    end: int = 0
    suffix: int = 8
    prefix: int = 9
    middle: int = 10


# Longest rows, how often; and what they are padded to.
LENGTHS = (96, 128, 192, 256, 384, 1024)
SHARES = (0.2, 0.25, 0.27, 0.17, 0.09, 0.02)
SMALL_FILE_TOKENS = 256
EXERCISES_ALONE = 0.5  # share of the exercises of which one function stands as a file
BUCKETS = (64, 96, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 1024)
CHARACTERS_PER_TOKEN = 2.9
WITHOUT_SUFFIX = 0.1
# Of the loss of a middle's token: what a token of the prefix and of the suffix counts, and the share of them that is looked at.
TEXT_WEIGHT, TEXT_SHARE = 0.25, 0.4
LANGUAGE_SHARES = {
    "python": 0.46, "typescript": 0.13, "javascript": 0.1, "java": 0.05, "go": 0.06, "rust": 0.06, "c": 0.05, "cpp": 0.05, "csharp": 0.02,
    "ruby": 0.01, "php": 0.01,
}  # fmt: skip
OTHER_SHARE = 0.005
_TOP_LEVEL = re.compile(r"^[A-Za-z@_#/]", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """`tokens[middle:]` is the middle and its end; FIM_MIDDLE stands before it. `prefix` is where the prefix begins."""

    tokens: list[int]
    prefix: int
    middle: int
    language: str
    kind: str


@dataclass(frozen=True)
class Mixture:
    """Shares of what is drawn: files made of one documented function, holes of one line tied to what follows (`editor_holes.choose`), and
    exercises (`exercises`), half of which are drawn as small files too."""

    small_files: float = 0.0
    tied: float = 0.0
    exercises: float = 0.0


class RowSource:
    """Draws rows from files, for ever, with its own seeded generator."""

    def __init__(
        self, files: Sequence[SourceFile], tokenizer: Tokenizer, seed: int, markers: Markers = Markers(), mixture: Mixture = Mixture()
    ) -> None:
        packages = [file for file in files if file.role != exercises.ROLE]
        self._texts = [(file.text, file.language) for file in packages]
        self._weights = cumulative_weights(packages)
        self._exercises = [(file.text, file.language) for file in files if file.role == exercises.ROLE]
        if mixture.exercises > 0 and not self._exercises:
            raise ValueError("a share of the rows is to be drawn from exercises, and there are none; write some: scripts/write_exercises.py")
        self._tokenizer, self._markers, self._random, self._mixture = tokenizer, markers, random.Random(seed), mixture

    def _encode(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=False).ids if text else []

    def draw(self, longest: int) -> Row:
        """A row of at most `longest` tokens, or of `SMALL_FILE_TOKENS` for a small file where that is more."""
        rng, mixture = self._random, self._mixture
        # No share, no draw: what a seed draws without small files and exercises stays as it was.
        while True:
            if mixture.exercises > 0 and rng.random() < mixture.exercises:
                text, language = rng.choice(self._exercises)
                small = (small_files.of(text, language, rng) if rng.random() < EXERCISES_ALONE else None) or text
            else:
                text, language = rng.choices(self._texts, cum_weights=self._weights)[0]
                small = small_files.of(text, language, rng) if mixture.small_files > 0 and rng.random() < mixture.small_files else None
            hole = editor_holes.choose(small or text, rng, mixture.tied)
            if hole is None:
                continue
            row = self._row(text, language, hole, longest) if small is None else self._small(small, language, hole, max(longest, SMALL_FILE_TOKENS))
            if row is not None:
                return row

    def _small(self, text: str, language: str, hole: editor_holes.Hole, longest: int) -> Row | None:
        """A row that shows as much of a small file as there is room for; the suffix has what the prefix leaves, and half at least."""
        middle, prefix, suffix = (self._encode(part) for part in (text[hole.begin : hole.end], text[: hole.begin], text[hole.end :]))
        room = longest - 4 - len(middle)
        if room < len(middle):
            return None
        if self._random.random() < WITHOUT_SUFFIX:
            suffix = []
        suffix = suffix[: max(room // 2, room - len(prefix))]
        return self._joined(prefix[-(room - len(suffix)) :], middle, suffix, language, hole.kind)

    def _row(self, text: str, language: str, hole: editor_holes.Hole, longest: int) -> Row | None:
        rng = self._random
        middle = self._encode(text[hole.begin : hole.end])
        if len(middle) > 0.5 * longest:
            return None
        room = longest - 4 - len(middle)
        suffix_room = 0 if rng.random() < WITHOUT_SUFFIX else int(room * 0.5 * rng.random())
        begin, end = 0, len(text)
        if rng.random() < 0.45:  # as in a short file: nothing below the function or class the hole is in
            end = next((match.start() for match in _TOP_LEVEL.finditer(text, hole.end + 1) if text[match.start() - 1] == "\n"), end)
        if rng.random() < 0.35:  # nor above it
            last = [match.start() for match in _TOP_LEVEL.finditer(text, max(0, hole.begin - 3000), hole.begin)]
            # Often with some lines above: imports, a class, another function.
            begin = last[-1 - min(len(last) - 1, int(rng.expovariate(0.7)))] if last else begin
        suffix = self._encode(text[hole.end : min(end, hole.end + int(suffix_room * CHARACTERS_PER_TOKEN * 2) + 8)])[:suffix_room]
        room -= len(suffix)
        prefix = self._encode(text[max(begin, hole.begin - int(room * CHARACTERS_PER_TOKEN * 2)) : hole.begin])[-room:]
        return self._joined(prefix, middle, suffix, language, hole.kind)

    def _joined(self, prefix: list[int], middle: list[int], suffix: list[int], language: str, kind: str) -> Row:
        markers = self._markers
        head = [markers.suffix, *suffix, markers.prefix]
        tokens = [*head, *prefix, markers.middle, *middle, markers.end]
        return Row(tokens, len(head), len(head) + len(prefix) + 1, language, kind)


@dataclass
class Batch:
    """tokens, targets (the next token, -100 where none is learned) and weights, each [rows, length]; rows' languages."""

    tokens: Tensor
    targets: Tensor
    weights: Tensor
    holes: int
    used: int

    def to(self, device: str) -> Batch:
        return replace(self, tokens=self.tokens.to(device), targets=self.targets.to(device), weights=self.weights.to(device))


def collate(rows: Sequence[Row], length: int, rng: random.Random) -> Batch:
    tokens = torch.zeros(len(rows), length, dtype=torch.long)
    targets = torch.full((len(rows), length), -100)
    weights = torch.zeros(len(rows), length)
    for index, row in enumerate(rows):
        size = len(row.tokens)
        tokens[index, :size] = torch.tensor(row.tokens)
        for at in range(1, size - 1):
            learned = at + 1 >= row.middle
            # Where a suffix ends and where a hole begins is the person's choice.
            if at + 1 in (row.prefix - 1, row.middle - 1, row.prefix) or not (learned or rng.random() < TEXT_SHARE):
                continue
            targets[index, at] = row.tokens[at + 1]
            weights[index, at] = 1.0 if learned else TEXT_WEIGHT
    return Batch(tokens, targets, weights, len(rows), sum(len(row.tokens) for row in rows))


class Batches:
    """Batches of about `size` tokens whose rows fall into one bucket."""

    def __init__(self, source: RowSource, size: int, seed: int) -> None:
        self._source, self._size, self._random = source, size, random.Random(seed)
        self._waiting: dict[int, list[Row]] = defaultdict(list)

    def draw(self) -> Batch:
        while True:
            row = self._source.draw(self._random.choices(LENGTHS, SHARES)[0])
            bucket = next(length for length in BUCKETS if length >= len(row.tokens))
            waiting = self._waiting[bucket]
            waiting.append(row)
            if len(waiting) * bucket > self._size - bucket:
                del self._waiting[bucket]
                return collate(waiting, bucket, self._random)


def cumulative_weights(files: Sequence[SourceFile]) -> list[float]:
    """How often each file is drawn: languages by their shares, a package by the square root of its size, a test a third."""
    package_bytes: Counter[tuple[str, str]] = Counter()
    for file in files:
        package_bytes[file.package, file.language] += len(file.text)
    root_total: Counter[str] = Counter()
    for (_, language), size in package_bytes.items():
        root_total[language] += size**0.5
    total, weights = 0.0, []
    for file in files:
        path = "/" + file.path.lower()
        is_test = "/test" in path or "_test." in path or ".test." in path or ".spec." in path
        share = LANGUAGE_SHARES.get(file.language, OTHER_SHARE)
        size = package_bytes[file.package, file.language]
        total += share * len(file.text) / size**0.5 / root_total[file.language] * (0.33 if is_test else 1.0)
        weights.append(total)
    return weights


def read_shards(folder: Path) -> list[SourceFile]:
    return [file for path in sorted(folder.glob("*.jsonl")) for file in corpus.read_files(path)]
