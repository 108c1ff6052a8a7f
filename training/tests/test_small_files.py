import random

import pytest

from lacuna_training import small_files

PYTHON = '''import os
from typing import List

def plain(a):
    b = a
    c = b
    d = c
    e = d
    return e


def documented(
    items: List[int],
) -> int:
    """Sums.

    >>> documented([1])
    1
    """
    total = 0
    for item in items:

        total += item
    return total


X = 3
'''
GO = "package a\n\n// Add adds.\nfunc Add(a, b int) int {\n\tc := a\n\n\tc += b\n\tc += 0\n\tc += 0\n\treturn c\n}\n\nfunc other() {\n}\n"
RUST = "use std::fmt;\n\n/// Adds.\npub fn add(a: i32) -> i32 {\n    let b = a;\n    let c = b;\n\n    let d = c;\n    d\n}\n"
SCRIPT = """import { sum } from "./sum";

/**
 * Adds.
 */
export function add(a, b) {
  const c = a;

  const d = b;
  return sum(c, d);
}

const x = 1;
"""


def drawn(text, language):
    return {small_files.of(text, language, random.Random(seed)) for seed in range(20)}


def test_a_documented_function_with_the_imports_it_uses():
    function = PYTHON[PYTHON.index("def documented") : PYTHON.index("\n\nX")]
    assert drawn(PYTHON, "python") == {function, "from typing import List\n\n\n" + function}


@pytest.mark.parametrize(("language", "text"), [("go", GO), ("rust", RUST), ("typescript", SCRIPT), ("javascript", SCRIPT)])
def test_ends_where_the_function_ends(language, text):
    for found in drawn(text, language):
        assert found.endswith("\n}\n") and found.count("dd(") == 1


def test_nothing_where_no_function_is_documented_or_the_language_is_not_known():
    assert drawn("def a():\n    return 1\n", "python") == {None}
    assert drawn(PYTHON, "cobol") == {None}


def test_a_long_function_is_left_out():
    assert drawn('def a():\n    """Long."""\n' + "    pass\n" * small_files.MOST_LINES, "python") == {None}
