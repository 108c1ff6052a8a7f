import pytest

from lacuna_training import samples, verifier_rows
from lacuna_training.corpus import SourceFile
from lacuna_training.specials import EOS, FIM_MIDDLE, FIM_PREFIX, FIM_SUFFIX, ID

TEXT = "".join(f"def add_{index}(a, b):\n    return a + b + {index}\n\n\n" for index in range(60))


def source(bpe, text=TEXT):
    return samples.StreamSource([SourceFile("p", "a.py", "python", "train", text)], bpe, seed=3)


def test_a_stream_with_suffix_spells_the_file_once_put_in_order(bpe):
    draws = source(bpe)
    checked = 0
    for _ in range(200):
        stream = draws.draw(160)
        assert len(stream.tokens) <= 160
        if not stream.suffix:
            continue
        assert stream.tokens[0] == ID[FIM_SUFFIX]
        assert stream.tokens[stream.start - 1] == ID[FIM_PREFIX]
        assert stream.tokens[-1] == ID[EOS]
        prefix_and_middle = bpe.decode(stream.tokens[stream.start : -1])
        suffix = bpe.decode(stream.suffix)
        assert prefix_and_middle + suffix in TEXT
        checked += 1
    assert checked > 50


def test_a_continuation_ends_with_eos_only_where_the_file_ends(bpe):
    draws = source(bpe)
    ended = 0
    for _ in range(200):
        stream = draws.draw(160)
        if stream.suffix:
            continue
        text = bpe.decode(stream.tokens[2 : len(stream.tokens) - stream.ends])
        assert (stream.tokens[-1] == ID[EOS]) == stream.ends
        if stream.ends:
            assert TEXT.endswith(text)
            ended += 1
    assert ended > 0


def test_the_same_seed_draws_the_same_streams(bpe):
    first, second = source(bpe), source(bpe)
    assert [first.draw(160).tokens for _ in range(5)] == [second.draw(160).tokens for _ in range(5)]


def test_a_large_package_counts_by_the_root_of_its_size_and_a_test_by_a_third():
    big = [SourceFile("big", f"{index}.py", "python", "train", "x" * 400) for index in range(100)]
    small = [SourceFile("small", "a.py", "python", "train", "x" * 400), SourceFile("small", "tests/b.py", "python", "train", "x" * 1200)]
    weights = samples.cumulative_weights([*big, *small])
    assert weights[99] == pytest.approx(40_000**0.5)
    assert weights[101] - weights[100] == pytest.approx(0.99 * (weights[100] - weights[99]))


def test_the_verifier_reads_a_marker_where_the_middle_begins_and_learns_what_follows_it_most(bpe):
    stream = source(bpe).draw(160)
    marked = stream.marked()
    assert marked[stream.middle] == ID[FIM_MIDDLE]
    assert [*marked[: stream.middle], *marked[stream.middle + 1 :]] == stream.tokens
    tokens, targets, weights = verifier_rows.VerifierRows(source(bpe), 4000, 160, 2).draw()
    assert tokens.shape == targets.shape == weights.shape == (25, 160)
    for row in range(len(tokens)):
        known = targets[row] != -100
        assert (targets[row][known] == tokens[row].roll(-1)[known]).all()
        assert not (targets[row] == ID[FIM_MIDDLE]).any()
        first = int((tokens[row] == ID[FIM_MIDDLE]).nonzero()[0])
        assert weights[row, first] in (1.0, verifier_rows.MIDDLE_WEIGHT)
