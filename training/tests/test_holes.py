import random

from lacuna_training import holes

TEXT = "".join(f"def add_{index}(a, b):\n    total = a + b\n\n    return total + {index}\n\n\n" for index in range(40))


def drawn(count=400, longest=200):
    rng = random.Random(4)
    return [holes.choose(TEXT, rng, longest) for _ in range(count)]


def test_a_hole_lies_in_the_text_and_is_no_longer_than_asked():
    for begin, end in drawn():
        assert 0 <= begin <= end <= len(TEXT)
        assert end - begin <= 200


def test_hardly_any_hole_is_empty():
    assert sum(not TEXT[begin:end].strip() for begin, end in drawn()) < 4


def test_holes_start_and_end_where_a_person_s_do():
    whole_lines = sum(TEXT[begin - 1] == "\n" and TEXT[end - 1] == "\n" for begin, end in drawn() if begin > 0)
    behind_indentation = sum(TEXT[:begin].endswith("\n    ") and not TEXT[begin].isspace() for begin, _ in drawn())
    at_line_end = sum(end == len(TEXT) or TEXT[end] == "\n" for _, end in drawn())
    inside_a_word = sum(TEXT[begin - 1].isalpha() and TEXT[begin].isalpha() for begin, _ in drawn() if begin > 0)
    assert min(whole_lines, behind_indentation, at_line_end, inside_a_word) > 30
