"""What a larger model is asked to write, what is kept of it, and the sampler that writes many texts at once."""

import ast
from pathlib import Path

import pytest
import torch
from test_reader import write_verifier

from lacuna_training import bf16_kernels, exercises, frozen_verifier
from lacuna_training.sampler import Sampler

LISTS = Path(__file__).parent.parent / "exercises.toml"
FUNCTIONS = '''def total(prices):
    """Sums prices.

    >>> total([1, 2])
    3
    """
    result = 0
    for price in prices:
        result += price
    return result


def cheapest(prices):
    """The least of prices, or None without any."""
    best = None
    for price in prices:
        if best is None or price < best:
            best = price
    return best
'''
GO = """package shop

// Total sums prices, each of them in cents and without its tax.
func Total(prices []int) int {
\tresult := 0
\tfor _, price := range prices {
\t\tresult += price
\t}
\treturn result
}
"""


def test_what_is_asked_for_varies_and_names_its_language():
    asks = exercises.Asks(LISTS, 1)
    drawn = [asks.draw() for _ in range(300)]
    assert len({ask.text for ask in drawn}) > 290
    assert {ask.language for ask in drawn} == {"python", "typescript", "javascript", "java", "go", "rust", "c", "cpp"}
    assert 120 < sum(ask.language == "python" and "Write a Python file" in ask.text for ask in drawn) < 190


def test_whole_functions_are_kept_and_trials_left_out():
    assert exercises.kept(FUNCTIONS, "python") == FUNCTIONS
    assert exercises.kept(FUNCTIONS + "\n\n# Example usage:\nprint(total([1]))\n", "python") == FUNCTIONS
    assert exercises.kept(FUNCTIONS + "\n\ndef cut(off):\n    if", "python") == FUNCTIONS
    assert exercises.kept(GO + "\n// Half\nfunc Half() {\n\tx := ", "go") == GO


@pytest.mark.parametrize("answer", ["", "Here you are:\n", FUNCTIONS[:120], "x = 1  # the same line again\n" * 40, FUNCTIONS.replace("    ", "\t")])
def test_an_answer_that_teaches_nothing_is_thrown_away(answer):
    assert exercises.kept(answer, "python") is None


def test_names_are_compared_as_words():
    assert exercises.names([FUNCTIONS, "public static int toSnakeCase(int a) {\n    if (next(a)) {\n"]) == {"total", "cheapest", "tosnakecase"}
    assert exercises.names(["def to_snake_case(a):"]) == {"tosnakecase"}


def test_a_prompt_begins_the_code():
    assert exercises.prompt(exercises.Ask("go", "Write.")).endswith("<|im_start|>assistant\n```go\n")
    assert ast.parse(FUNCTIONS)


@pytest.mark.skipif(not bf16_kernels.is_supported(), reason="needs bf16 products and a compiler")
def test_texts_side_by_side_are_what_each_is_alone(tmp_path):
    verifier = frozen_verifier.load(write_verifier(tmp_path, "qwen2"))
    # With nothing but the likeliest token to draw, what is drawn is greedy text.
    sampler = Sampler(verifier, rows=32, room=24, temperature=1.0, least_share=1.0, seed=1)
    prompts = [[5 + row % 7, 9, 11 + row % 3][: 2 + row % 2] for row in range(32)]
    asked = []

    def prompt(row):
        asked.append(row)
        return prompts[row]

    texts = sampler.write(prompt, frozenset([0]))
    written = [next(texts) for _ in range(40)]
    alone = verifier.continue_greedily(prompts, 24, frozenset([0]))
    same = 0
    for row, text in written:
        whole = [token for token in alone[row] if token != 0][: 24 - len(prompts[row]) + 1]
        same += text[:6] == whole[:6]
    # Sums of other shapes are rounded otherwise, so that one or the other text may part.
    assert same > 34
    assert len(asked) > 32 and torch.equal(torch.tensor(asked[:32]), torch.arange(32))
