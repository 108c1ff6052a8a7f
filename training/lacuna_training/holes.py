"""Where a person's holes are: what is cut out of a file to be filled in again."""

from __future__ import annotations

import random

LONGEST_CHARACTERS = 600
_TRIES = 8

# Whole lines; the text of lines, behind their indentation; the rest of a line; what follows a line's end; any characters.
KINDS = ("lines", "indented", "rest", "after", "span")
_SHARES = (0.3, 0.15, 0.25, 0.1, 0.2)
# Four holes in five end in the line they begin in. Where it is about one in two, a small model that decodes greedily goes on.
_MORE_LINES_RATE = 1.6


def choose(text: str, rng: random.Random, longest: int = LONGEST_CHARACTERS) -> tuple[int, int]:
    """Begin and end of a hole in `text`, at most `longest` characters and not only white space if one is found soon."""
    begin, end = 0, 0
    for _ in range(_TRIES):
        begin, end = _draw(text, rng, longest)
        if end - begin <= longest and text[begin:end].strip():
            break
    return begin, min(end, begin + longest)


def _draw(text: str, rng: random.Random, longest: int) -> tuple[int, int]:
    kind = rng.choices(KINDS, _SHARES)[0]
    at = rng.randrange(len(text))
    if kind == "span":
        return at, min(len(text), at + 1 + int(longest * rng.random() ** 3))
    more = int(rng.expovariate(_MORE_LINES_RATE))
    if kind == "rest":
        return at, _line_end(text, at, more)
    line = text.rfind("\n", 0, at) + 1
    if kind == "lines":
        return line, min(len(text), _line_end(text, line, more) + 1)
    if kind == "indented":
        rest = text[line : line + longest].lstrip(" \t")
        begin = line + min(len(text) - line, longest) - len(rest)
        return begin, _line_end(text, begin, more)
    begin = _line_end(text, at, 0)
    return begin, _line_end(text, min(len(text), begin + 1), more)


def _line_end(text: str, at: int, more: int) -> int:
    """Where the line of `at` ends, or the one `more` lines below; the newline itself is left out."""
    end = text.find("\n", at)
    for _ in range(more):
        if end == -1:
            break
        end = text.find("\n", end + 1)
    return len(text) if end == -1 else end
