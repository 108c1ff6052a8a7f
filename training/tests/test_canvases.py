import random

from lacuna_training import canvases
from lacuna_training.samples import Stream
from lacuna_training.specials import EOS, EXPAND, FIM_PREFIX, FIM_SUFFIX, ID, MASK, SEP

# FIM_SUFFIX suffix(2) FIM_PREFIX prefix(4) middle(12) EOS
SUFFIX = [90, 91]
MIDDLE = list(range(30, 42))
STREAM = Stream([ID[FIM_SUFFIX], *SUFFIX, ID[FIM_PREFIX], 20, 21, 22, 23, *MIDDLE, ID[EOS]], 4, 8, True, SUFFIX)


def test_a_draft_weighs_its_first_slot_most_and_ends_with_the_marker():
    canvas = canvases.draft(STREAM, 8, 4, 0.5, 0.0, random.Random(1))
    assert canvas.tokens == [ID[MASK]] * 4 + [ID[SEP]]
    assert canvas.targets == [30, 31, 32, 33, -100]
    assert canvas.weights == [1.0, 0.5, 0.25, 0.125, 0.0]


def test_a_draft_repeats_a_true_end_and_never_shows_it():
    canvas = canvases.draft(STREAM, 18, 6, 1.0, 0.9, random.Random(1))
    assert canvas.targets[2:6] == [ID[EOS]] * 4
    assert canvas.tokens[2:6] == [ID[MASK]] * 4


def test_a_draft_of_a_text_that_goes_on_stops_where_its_stream_does():
    open_stream = Stream(STREAM.tokens[:12], 4, 12, False, [])
    assert len(canvases.draft(open_stream, 9, 8, 1.0, 0.0, random.Random(1)).tokens) == 3 + 1


def test_an_infill_has_a_slot_for_every_token_up_to_the_suffix():
    canvas = canvases.infill(STREAM, 10, 0.0, random.Random(1))
    assert canvas.tokens == [ID[MASK]] * 10 + [ID[FIM_SUFFIX], *SUFFIX]
    assert canvas.targets == MIDDLE[2:] + [-100] * 3


def test_the_answers_of_a_flexible_canvas_spell_the_middle_once_splits_and_deletes_are_done():
    rng = random.Random(3)
    merged, deleted = 0, 0
    for _ in range(200):
        shown = rng.random()
        canvas = canvases.flexible(STREAM, 8, shown, rng)
        slots = len(canvas.tokens) - 3
        assert canvas.tokens[slots:] == [ID[EXPAND], *SUFFIX]
        labels = [target if target != -100 else token for token, target in zip(canvas.tokens[:slots], canvas.targets[:slots], strict=True)]
        kept = [label for label in labels if label != ID[EOS]]
        assert labels == kept + [ID[EOS]] * (slots - len(kept))
        assert sum(2 if label == ID[EXPAND] else 1 for label in kept) == len(MIDDLE)
        assert [label for label in kept if label != ID[EXPAND]] == [token for token in MIDDLE if token in kept]
        merged += ID[EXPAND] in kept
        deleted += slots > len(kept)
        weights = [weight for weight, label in zip(canvas.weights, labels, strict=False) if label == ID[EOS]]
        assert not weights or abs(sum(weights) - 1) < 1e-9
    assert merged > 50
    assert deleted > 50
