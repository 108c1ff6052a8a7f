import random

import pytest

from lacuna_training import editor_holes, exercises, fill_rows
from lacuna_training.corpus import SourceFile

TEXT = "".join(
    f"def add_{index}(a, b):\n    total = a + b\n    if total > {index}:\n        return (total, [a, b])\n\n    return total\n\n\n"
    for index in range(30)
)
MARKERS = fill_rows.Markers(end=0, suffix=1, prefix=2, middle=3)


def drawn(kind=None, count=600):
    rng = random.Random(3)
    holes = [editor_holes.choose(TEXT, rng) for _ in range(count)]
    return [hole for hole in holes if hole is not None and kind in (None, hole.kind)]


def source(bpe, seed=1):
    files = [SourceFile("a", f"{index}.py", "python", "train", TEXT) for index in range(3)]
    return fill_rows.RowSource(files, bpe, seed, MARKERS)


def test_every_kind_of_hole_is_drawn_and_none_is_empty():
    holes = drawn()
    assert {hole.kind for hole in holes} == set(editor_holes.KINDS)
    assert all(TEXT[hole.begin : hole.end].strip() for hole in holes)


def test_whole_lines_keep_their_break_and_text_leaves_it():
    assert all(TEXT[hole.end - 1] == "\n" and TEXT[hole.begin - 1 : hole.begin] in ("", "\n") for hole in drawn("line"))
    assert all(TEXT[hole.end] == "\n" and TEXT[hole.end - 1] != "\n" for hole in drawn("text"))


def test_a_hole_in_brackets_ends_at_the_one_that_closes_or_behind_it():
    assert all(TEXT[hole.end] in ")]" or TEXT[hole.end - 1] in ")]" for hole in drawn("bracket"))


def test_a_block_ends_where_the_indentation_goes_back():
    for hole in drawn("block"):
        assert TEXT[hole.end] == "\n"


def test_a_row_is_suffix_prefix_and_whole_middle_tokenized_apart(bpe):
    rows = source(bpe)
    for _ in range(100):
        row = rows.draw(192)
        assert len(row.tokens) <= 192
        assert row.tokens[0] == MARKERS.suffix and row.tokens[row.prefix - 1] == MARKERS.prefix
        assert row.tokens[row.middle - 1] == MARKERS.middle and row.tokens[-1] == MARKERS.end
        prefix, middle = bpe.decode(row.tokens[row.prefix : row.middle - 1]), bpe.decode(row.tokens[row.middle : -1])
        assert prefix + middle + bpe.decode(row.tokens[1 : row.prefix - 1]) in TEXT
        assert bpe.encode(middle).ids == row.tokens[row.middle : -1]


def test_a_tied_hole_is_of_one_line_and_has_a_name_that_follows():
    lines = "".join(f"first_{index} = read({index})\nwrite(first_{index})\n" for index in range(60))
    drawn = [editor_holes.choose(lines, random.Random(seed), tied=1.0) for seed in range(200)]
    alone = [hole for hole in drawn if "\n" not in lines[hole.begin : hole.end].strip() and hole.kind in ("line", "text")]
    assert len(alone) > 50
    assert all(editor_holes.is_tied(lines, hole.begin, hole.end) for hole in alone)
    # The other line is tied once, where its function's name is new.
    assert all(lines[hole.begin : hole.end].lstrip().startswith("first_") or hole.begin < 40 for hole in alone)


def test_ties_change_neither_kinds_nor_lengths():
    def shares(tied):
        drawn = [editor_holes.choose(TEXT, random.Random(seed), tied) for seed in range(1500)]
        return [(hole.kind, "\n" in TEXT[hole.begin : hole.end].strip()) for hole in drawn if hole]

    assert shares(1.0) == shares(0.0)


def test_a_small_file_is_shown_whole_where_it_fits(bpe):
    function = 'def area(r):\n    """Of a circle."""\n    if r < 0:\n        raise ValueError(r)\n    a = math.pi * r * r\n    return a\n'
    text = "import math\nimport os\n\n\nX = 1\n\n\n" + function
    files = [SourceFile("a", "a.py", "python", "train", text)]
    rows = fill_rows.RowSource(files, bpe, 1, MARKERS, fill_rows.Mixture(small_files=1.0))
    seen = set()
    for _ in range(60):
        row = rows.draw(96)
        suffix = bpe.decode(row.tokens[1 : row.prefix - 1])
        if suffix:
            seen.add(bpe.decode(row.tokens[row.prefix : row.middle - 1]) + bpe.decode(row.tokens[row.middle : -1]) + suffix)
    assert seen == {function, "import math\n\n\n" + function}


def test_the_middle_and_its_end_count_fully_and_markers_are_not_asked_for(bpe):
    rows = source(bpe)
    row = rows.draw(192)
    batch = fill_rows.collate([row], 224, random.Random(1))
    full = (batch.weights[0] == 1).nonzero()[:, 0].tolist()
    assert full == list(range(row.middle - 1, len(row.tokens) - 1))
    assert batch.targets[0, len(row.tokens) - 2] == MARKERS.end
    assert not set(batch.targets[0][batch.targets[0] != -100].tolist()) & {MARKERS.suffix, MARKERS.prefix, MARKERS.middle}


def test_batches_hardly_pad(bpe):
    batches = fill_rows.Batches(source(bpe), 1024, 1)
    used = padded = 0
    for _ in range(20):
        batch = batches.draw()
        used, padded = used + batch.used, padded + batch.tokens.numel()
    assert used > 0.85 * padded


def test_languages_are_drawn_by_their_shares(bpe):
    files = [SourceFile("a", "a.py", "python", "train", TEXT), SourceFile("b", "b.go", "go", "train", TEXT * 3)]
    rng = random.Random(1)
    picked = rng.choices(files, cum_weights=fill_rows.cumulative_weights(files), k=2000)
    share = sum(file.language == "python" for file in picked) / 2000
    expected = fill_rows.LANGUAGE_SHARES["python"] / (fill_rows.LANGUAGE_SHARES["python"] + fill_rows.LANGUAGE_SHARES["go"])
    assert abs(share - expected) < 0.04


def test_exercises_come_as_often_as_they_are_asked_for_alone_or_with_their_file(bpe):
    body = '(r):\n    """Of a circle."""\n    if r < 0:\n        raise ValueError(r)\n    a = r * r\n    b = a\n    return b\n'
    functions = [f"def {name}{body}" for name in ("one", "two")]
    files = [
        SourceFile("a", "a.py", "python", "train", TEXT),
        SourceFile("exercises", "1", "python", exercises.ROLE, "\n\n".join(functions)),
    ]
    rows = fill_rows.RowSource(files, bpe, 1, MARKERS, fill_rows.Mixture(exercises=0.6))
    drawn = [rows.draw(192) for _ in range(200)]
    texts = [bpe.decode(row.tokens[row.prefix : row.middle - 1] + row.tokens[row.middle : -1] + row.tokens[1 : row.prefix - 1]) for row in drawn]
    of_exercises = [text for text in texts if "circle" in text]
    assert 90 < len(of_exercises) < 150
    alone = sum(text.count("def") == 1 for text in of_exercises)
    assert 20 < alone < len(of_exercises) - 20


def test_a_share_of_exercises_where_there_are_none_is_refused(bpe):
    with pytest.raises(ValueError, match="write_exercises"):
        fill_rows.RowSource([SourceFile("a", "a.py", "python", "train", TEXT)], bpe, 1, MARKERS, fill_rows.Mixture(exercises=0.5))
