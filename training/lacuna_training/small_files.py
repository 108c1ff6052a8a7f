"""One documented function as a file of its own, below the imports that it needs: what a person writes first, and a package seldom has."""

from __future__ import annotations

import random
import re

MOST_LINES = 40
WITH_IMPORTS = 0.6
_MOST_IMPORTS = 6
_DOCUMENTED = {
    "python": re.compile(r'^(?:async )?def [^\n]*(?:\n[ \t)][^\n]*){0,8}\n[ \t]+[rR]?(?:"""|\'\'\')[^\n]*(?:\n(?:[ \t)][^\n]*)?)*', re.MULTILINE),
    "go": re.compile(r"^(?://[^\n]*\n)+func [^\n]*\{\n(?:(?:[ \t][^\n]*)?\n)*\}", re.MULTILINE),
    "rust": re.compile(r"^(?:///[^\n]*\n)+(?:#\[[^\n]*\n)*(?:pub )?fn [^\n]*(?:\n[ \t)][^\n]*|\n)*\n\}", re.MULTILINE),
}
_SCRIPT = re.compile(r"^/\*\*(?:[^*]|\*(?!/))*\*/\n(?:export )?(?:default )?(?:async )?function [^\n]*(?:\n[ \t)][^\n]*|\n)*\n\}", re.MULTILINE)
_DOCUMENTED |= {"javascript": _SCRIPT, "typescript": _SCRIPT}
_IMPORT = {
    "python": re.compile(r"^(?:from [\w.]+ )?import [\w., ]+$", re.MULTILINE),
    "javascript": re.compile(r"^(?:import [^\n]* from [^\n]*|(?:const|let|var) [^\n]* = require\([^\n]*)$", re.MULTILINE),
    "rust": re.compile(r"^use [^\n]*;$", re.MULTILINE),
}
_IMPORT["typescript"] = _IMPORT["javascript"]
_NAME = re.compile(r"[A-Za-z_]\w*")
_WORDS = {"as", "const", "from", "import", "let", "require", "use", "var"}


def of(text: str, language: str, rng: random.Random) -> str | None:
    """A small file made of a function of `text`, at most `MOST_LINES` long; None where none is documented."""
    pattern = _DOCUMENTED.get(language)
    found = [match.group().rstrip() for match in pattern.finditer(text)] if pattern else []
    found = [function for function in found if 5 <= function.count("\n") <= MOST_LINES]
    if not found:
        return None
    function = rng.choice(found)
    imports = _needed(text, language, function) if rng.random() < WITH_IMPORTS else []
    between = "\n\n\n" if language == "python" else "\n\n"
    return ("\n".join(imports) + between if imports else "") + function + "\n"


def _needed(text: str, language: str, function: str) -> list[str]:
    names = set(_NAME.findall(function)) - _WORDS
    lines = [match.group() for match in _IMPORT[language].finditer(text)] if language in _IMPORT else []
    return [line for line in lines if not names.isdisjoint(_NAME.findall(line))][:_MOST_IMPORTS]
