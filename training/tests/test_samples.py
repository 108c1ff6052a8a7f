from lacuna_training import samples
from lacuna_training.corpus import SourceFile
from lacuna_training.specials import EOS, FIM_MIDDLE, FIM_SUFFIX, ID

TEXT = "".join(f"def add_{index}(a, b):\n    return a + b + {index}\n\n\n" for index in range(60))


def source(bpe, length=160, text=TEXT):
    return samples.StreamSource([SourceFile("p", "a.py", "python", "train", text)], bpe, length, seed=3)


def test_a_stream_with_suffix_spells_the_file_once_put_in_order(bpe):
    draws = source(bpe)
    checked = 0
    for _ in range(200):
        stream = draws.draw()
        assert len(stream.tokens) <= 160
        if not stream.suffix:
            continue
        assert stream.tokens[0] == ID[FIM_SUFFIX]
        assert stream.tokens[stream.start - 1] == ID[FIM_MIDDLE]
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
        stream = draws.draw()
        if stream.suffix:
            continue
        text = bpe.decode(stream.tokens[2 : len(stream.tokens) - stream.ends])
        assert (stream.tokens[-1] == ID[EOS]) == stream.ends
        if stream.ends and stream.start == 2 and not stream.suffix and stream.middle == len(stream.tokens) - 1:
            assert TEXT.endswith(text)
            ended += 1
    assert ended > 0


def test_the_same_seed_draws_the_same_streams(bpe):
    first, second = source(bpe), source(bpe)
    assert [first.draw().tokens for _ in range(5)] == [second.draw().tokens for _ in range(5)]
