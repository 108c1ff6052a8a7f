"""Holes for a verifier that must be useful from the first minute: mostly one line, always ended where something ends.

`holes` is what the small pair was trained on. Here a hole never ends in the middle of a word unless it is one of the few random spans,
prose is seldom cut out, and brackets and indented blocks end holes too.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

LONGEST_CHARACTERS = 700
_TRIES = 12

KINDS = ("line", "text", "rest", "after", "bracket", "block", "span")
# Whole lines with their break; a line's text, its break left; the rest of a line; what follows a line's end; to the bracket's end;
# a statement with all that is indented below it; any characters.
_SHARES = (0.34, 0.14, 0.22, 0.08, 0.08, 0.05, 0.09)
_PROSE = 0.65  # share of holes in prose that are thrown back
_NEAR = 600  # characters about a hole in which a name is looked for
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OPENING, _CLOSING = "([{", ")]}"
_STOP = re.compile(r"[A-Za-z0-9_]+|\s+|.", re.DOTALL)
_CODE = re.compile(r"[()\[\]{}=;<>]|:$|^\s*(return|import|from|else|try|pass|break|continue|raise|yield|end|fi|done|use|package)\b", re.MULTILINE)
_COMMENT = re.compile(r"^\s*(#(?!include|define|if|el|end)|//|/?\*|--|\"\"\"|''')")


@dataclass(frozen=True)
class Hole:
    begin: int
    end: int
    kind: str


def choose(text: str, rng: random.Random, tied: float = 0.0) -> Hole | None:
    """A hole in `text`, or None if none that is worth filling was found in a few tries.

    A share `tied` of the holes of one line are drawn until a name ties them to what follows, so that one learns to read the suffix;
    kinds and lengths come as often as without.
    """
    drawn = _draw(text, rng, KINDS, _SHARES)
    if drawn is None or _has_more_lines(text, drawn) or rng.random() >= tied:
        return drawn
    for _ in range(_TRIES):
        hole = _draw(text, rng, (drawn.kind,), (1.0,))
        if hole is not None and not _has_more_lines(text, hole) and is_tied(text, hole.begin, hole.end):
            return hole
    return drawn


def is_tied(text: str, begin: int, end: int) -> bool:
    """Whether a name of the hole is used soon behind it and not shortly before: what follows decides what is missing."""
    names = set(_NAME.findall(text, begin, end)) - set(_NAME.findall(text, max(0, begin - _NEAR), begin))
    return not names.isdisjoint(_NAME.findall(text, end, end + _NEAR))


def _has_more_lines(text: str, hole: Hole) -> bool:
    return "\n" in text[hole.begin : hole.end].strip()


def _draw(text: str, rng: random.Random, kinds: tuple[str, ...], shares: tuple[float, ...]) -> Hole | None:
    for _ in range(_TRIES):
        kind = rng.choices(kinds, shares)[0]
        begin, end = _DRAW[kind](text, rng)
        middle = text[begin:end]
        if not 0 < len(middle) <= LONGEST_CHARACTERS or not middle.strip():
            continue
        if _is_prose(text, begin, end) and rng.random() < _PROSE:
            continue
        if not any(character.isalnum() for character in middle) and rng.random() < 0.7:
            continue
        return Hole(begin, end, kind)
    return None


def _is_prose(text: str, begin: int, end: int) -> bool:
    lines = text[_line_start(text, begin) : _line_end(text, end - 1 if end > begin else end)]
    return bool(_COMMENT.match(lines)) or not _CODE.search(lines)


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end == -1 else end


def _more_lines(rng: random.Random) -> int:
    draw = rng.random()
    if draw < 0.72:
        return 0
    return rng.randint(1, 3) if draw < 0.94 else rng.randint(4, 7)


def _end_after(text: str, at: int, more: int) -> int:
    """The end of the line of `at`, or of the one `more` below; blank lines at the end are left out."""
    end = _line_end(text, at)
    for _ in range(more):
        if end == len(text):
            break
        end = _line_end(text, end + 1)
    while end > at and text[_line_start(text, end) : end].strip() == "" and _line_start(text, end) > at:
        end = _line_start(text, end) - 1
    return end


def _line(text: str, rng: random.Random) -> tuple[int, int]:
    begin = _line_start(text, rng.randrange(len(text)))
    return begin, min(len(text), _end_after(text, begin, _more_lines(rng)) + 1)


def _text(text: str, rng: random.Random) -> tuple[int, int]:
    begin = _line_start(text, rng.randrange(len(text)))
    end = _end_after(text, begin, _more_lines(rng))
    if rng.random() < 0.75:  # the editor has indented already
        begin += len(text[begin:end]) - len(text[begin:end].lstrip(" \t"))
    return begin, end


def _rest(text: str, rng: random.Random) -> tuple[int, int]:
    at = rng.randrange(len(text))
    begin = _line_start(text, at)
    line = text[begin : _line_end(text, at)]
    stops = [match.start() for match in _STOP.finditer(line) if line[: match.start()].strip()]
    if rng.random() < 0.75 and stops:
        at = begin + rng.choice(stops)
    return at, _end_after(text, at, _more_lines(rng) if rng.random() < 0.4 else 0)


def _after(text: str, rng: random.Random) -> tuple[int, int]:
    begin = _line_end(text, rng.randrange(len(text)))
    return begin, _end_after(text, min(len(text), begin + 1), _more_lines(rng))


def _bracket(text: str, rng: random.Random) -> tuple[int, int]:
    """From behind an opening bracket, or some way into what it holds, to its closing one; strings are not understood."""
    at = rng.randrange(len(text))
    begin = min((found for found in (text.find(bracket, at, at + 400) for bracket in _OPENING) if found != -1), default=-1)
    if begin == -1:
        return 0, 0
    depth = 0
    for end in range(begin, min(len(text), begin + LONGEST_CHARACTERS)):
        depth += (text[end] in _OPENING) - (text[end] in _CLOSING)
        if depth == 0:
            inside = text[begin + 1 : end]
            skip = rng.choice([0, 0, *(match.start() for match in _STOP.finditer(inside))]) if inside else 0
            return begin + 1 + skip, end + (rng.random() < 0.3)
    return 0, 0


def _block(text: str, rng: random.Random) -> tuple[int, int]:
    """A statement and the lines below that are indented deeper, from the statement's text or from its body on."""
    begin = _line_start(text, rng.randrange(len(text)))
    end = _line_end(text, begin)
    indent = _indent(text[begin:end])
    while end < len(text):
        below = _line_end(text, end + 1)
        line = text[end + 1 : below]
        closes = line.strip()[:1] in (")", "]", "}") and _indent(line) == indent
        if line.strip() and _indent(line) <= indent and not closes:
            break
        end = below
        if closes or end - begin > LONGEST_CHARACTERS:
            break
    end = _end_after(text, begin, 0) if not text[begin:end].strip() else begin + len(text[begin:end].rstrip())
    body = _line_end(text, begin)
    if body < end and rng.random() < 0.5:
        return body, end
    return begin + (indent if rng.random() < 0.7 else 0), end


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _span(text: str, rng: random.Random) -> tuple[int, int]:
    begin = rng.randrange(len(text))
    return begin, min(len(text), begin + 1 + int(300 * rng.random() ** 2.5))


_DRAW = {"line": _line, "text": _text, "rest": _rest, "after": _after, "bracket": _bracket, "block": _block, "span": _span}
