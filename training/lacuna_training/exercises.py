"""Small documented functions that a larger code model writes: what is asked for, and what is kept of its answers."""

from __future__ import annotations

import ast
import random
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROLE = "exercise"  # of their files in a corpus
LEAST_CHARACTERS, LEAST_LINES = 160, 8
CLASSES = 0.12  # share of the asks that are for a class
LEAST_STEPS = 0.08  # loops, conditions and assignments a line; below that there is nothing but one-liners
# Where a file stops being functions and begins to try them out.
_TRIALS = re.compile(
    r"^(?:#+ *(?:Example|Test|Usage|Driver|Output)|// *(?:Example|Test|Usage|Output)|if __name__|print\(|console\.|assert )",
    re.MULTILINE | re.IGNORECASE,
)
_STEP = re.compile(r"^[ \t]+(?:(?:\} )?(?:if|for|while|elif|else|match|switch|let|const|var)\b|[^\n=]*[^\n=!<>]=[^\n=>])", re.MULTILINE)
_DEFINED = re.compile(r"\b(?:def|func|fn|function)\s+(\w+)|^[ ]*(?:[\w<>\[\]*&:]+ +)+\*?(\w+)\([^()\n]*\)[^;\n]*\{$", re.MULTILINE)


@dataclass(frozen=True)
class Ask:
    language: str
    text: str


class Asks:
    """Draws what to ask for from the lists of `training/exercises.toml`, for ever."""

    def __init__(self, path: Path, seed: int) -> None:
        lists = tomllib.loads(path.read_text())
        self._subjects, self._ways, self._levels, self._bodies = (lists[name] for name in ("subjects", "ways", "levels", "bodies"))
        self._languages = lists["languages"]
        self._random = random.Random(seed)

    def draw(self) -> Ask:
        rng = self._random
        language = rng.choices(list(self._languages), [each["share"] for each in self._languages.values()])[0]
        settings = self._languages[language]
        way, level, subject = rng.choice(self._ways), rng.choice(self._levels), rng.choice(self._subjects)
        about = f"{level}, about {subject}{', ' + way if way else ''}"
        what = f"{rng.choice(['two', 'two', 'three', 'three', 'four'])} different functions {about}"
        if rng.random() < CLASSES:
            what = f"a small class {about}, and a function that uses it"
        lines = rng.choice(["four to eight", "six to ten", "eight to fourteen"])
        return Ask(
            language,
            f"Write a {settings['name']} file with {what}. Each function has {rng.choice(settings['documented'])}, and a body of {lines} lines: "
            f"{rng.choice(self._bodies)}. No main, no tests, nothing that tries the functions out, and no comments inside of bodies. "
            "Answer with the code alone.",
        )


def prompt(ask: Ask) -> str:
    """ChatML, with the answer begun, so that it is code from its first character."""
    return f"<|im_start|>user\n{ask.text}<|im_end|>\n<|im_start|>assistant\n```{ask.language}\n"


def kept(answer: str, language: str) -> str | None:
    """The whole functions of an answer, without what tries them out and what was cut off; None where too little is left."""
    trial = _TRIALS.search(answer)
    text = answer[: trial.start()] if trial else answer
    text = _parsed_part(text) if language == "python" else _closed_part(text)
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if len(text) < LEAST_CHARACTERS or text.count("\n") < LEAST_LINES or "\t" in text and language == "python":
        return None
    lines = [line.strip() for line in text.splitlines() if len(line.strip()) > 12]
    # A model that repeats itself has nothing to teach, and functions of one line have too little.
    is_poor = len(set(lines)) <= 0.6 * len(lines) or len(_STEP.findall(text)) < LEAST_STEPS * text.count("\n")
    return None if is_poor else text + "\n"


def _parsed_part(text: str) -> str:
    """The longest beginning of whole top-level statements that is Python."""
    lines = text.splitlines()
    for end in range(len(lines), 0, -1):
        if end < len(lines) and not re.match(r"[A-Za-z@]", lines[end]):
            continue
        part = "\n".join(lines[:end])
        try:
            ast.parse(part)
            return part
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return ""


def _closed_part(text: str) -> str:
    """What stands up to the last bracket that closes something at the margin."""
    closing = list(re.finditer(r"^\}[;,)]*[^\n]*", text, re.MULTILINE))
    return text[: closing[-1].end()] if closing else ""


def names(texts: Iterable[str]) -> set[str]:
    """Names of the functions that `texts` define, however they are written: without underscores, in small letters."""
    return {(first or second).replace("_", "").lower() for text in texts for first, second in _DEFINED.findall(text)}
