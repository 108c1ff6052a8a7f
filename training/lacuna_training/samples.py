"""From source files to training rows.

The stream of a sample is (suffix first, so that typing changes a prompt at its end only):

    FIM_SUFFIX suffix FIM_PREFIX prefix middle EOS

and the verifier reads FIM_MIDDLE between prefix and middle; the diffuser needs none, because its canvas stands there.
Streams are cut as `holes` says, often at a random character, so a half-typed word is an ordinary place for a prefix to end. A sample
without suffix is plain continuation: FIM_SUFFIX FIM_PREFIX text, with EOS only where the file really ends, and its middle is
what follows a place chosen at random.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import Tokenizer

from lacuna_training import holes
from lacuna_training.corpus import SourceFile
from lacuna_training.specials import EOS, FIM_MIDDLE, FIM_PREFIX, FIM_SUFFIX, ID

CHARACTERS_PER_TOKEN = 3.6
SHARE_WITH_SUFFIX = 0.8
LONGEST_MIDDLE_SHARE = 0.4


@dataclass(frozen=True)
class Stream:
    """A sample as tokens.

    `tokens[: start]` is the suffix part and FIM_PREFIX; `tokens[start : middle]` the prefix; the middle follows, and EOS
    if `ends`.
    """

    tokens: list[int]
    start: int
    middle: int
    ends: bool
    suffix: list[int]

    def marked(self) -> list[int]:
        """The tokens as the verifier reads them: with FIM_MIDDLE before the middle."""
        return [*self.tokens[: self.middle], ID[FIM_MIDDLE], *self.tokens[self.middle :]]


class StreamSource:
    """Draws streams from files, for ever, with its own seeded generator."""

    def __init__(self, files: Sequence[SourceFile], tokenizer: Tokenizer, seed: int) -> None:
        self._texts = [file.text for file in files]
        self._weights = cumulative_weights(files)
        self._tokenizer = tokenizer
        self._random = random.Random(seed)

    def _encode(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=False).ids

    def draw(self, length: int) -> Stream:
        """A stream of at most `length` tokens; shorter only where the file is."""
        text = self._random.choices(self._texts, cum_weights=self._weights)[0]
        if self._random.random() < SHARE_WITH_SUFFIX and len(text) > 100:
            return self._with_suffix(text, length)
        return self._continuation(text, length)

    def _continuation(self, text: str, length: int) -> Stream:
        room = length - 2
        begin = self._begin(text, self._random.randrange(max(1, len(text) - 200)))
        # Slack of 1.4 characters, so that a row is full; what is too much is cut.
        window = text[begin : begin + int(room * CHARACTERS_PER_TOKEN * 1.4)]
        tokens = self._encode(window)
        ends = begin + len(window) == len(text) and len(tokens) < room
        tokens = [ID[FIM_SUFFIX], ID[FIM_PREFIX], *tokens[:room], *([ID[EOS]] if ends else [])]
        return Stream(tokens, 2, self._random.randrange(2, len(tokens) + 1), ends, [])

    def _with_suffix(self, text: str, length: int) -> Stream:
        longest = int(length * LONGEST_MIDDLE_SHARE * CHARACTERS_PER_TOKEN)
        cut, end = holes.choose(text, self._random, min(holes.LONGEST_CHARACTERS, longest))
        suffix_room = int(length * self._random.choice([0.1, 0.25, 0.4]))
        suffix = self._encode(text[end : end + int(suffix_room * CHARACTERS_PER_TOKEN * 1.4)])[:suffix_room]
        middle = self._encode(text[cut:end])
        room = length - 3 - len(suffix) - len(middle)
        if room < 1:  # a middle must be whole for its EOS to be true
            return self._continuation(text, length)
        begin = self._begin(text, max(0, cut - int(room * CHARACTERS_PER_TOKEN * 1.2)))
        prefix = self._encode(text[begin:cut])[-room:]
        head = [ID[FIM_SUFFIX], *suffix, ID[FIM_PREFIX]]
        tokens = [*head, *prefix, *middle, ID[EOS]]
        return Stream(tokens, len(head), len(head) + len(prefix), True, suffix)

    @staticmethod
    def _begin(text: str, position: int) -> int:
        """The start of the first line at or after `position`, or `position` if there is none near."""
        if position == 0:
            return 0
        line_end = text.find("\n", position - 1)
        return line_end + 1 if -1 < line_end < position + 300 else position


def cumulative_weights(files: Sequence[SourceFile]) -> list[float]:
    """How often each file is drawn: by its size, a package by the square root of its own, a test a third.

    Otherwise a few large packages, with habits of their own, would be half of what is read. Tests repeat themselves.
    """
    package_bytes: Counter[str] = Counter()
    for file in files:
        package_bytes[file.package] += len(file.text)
    total, weights = 0.0, []
    for file in files:
        path = "/" + file.path
        is_test = "/test" in path or "_test." in path
        total += len(file.text) / package_bytes[file.package] ** 0.5 * (0.33 if is_test else 1.0)
        weights.append(total)
    return weights
