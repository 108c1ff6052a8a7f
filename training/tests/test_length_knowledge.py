"""What is told of rules for a hole's length."""

import numpy as np
import pytest
from test_reader import pair

from lacuna_training import length_knowledge as lengths
from lacuna_training.reader_data import LaidOut

CONSTANTS = dict(a=0.5, b=0.5, c=0.2, d=0.05, e=0.2)


def hole(true: int, peak: int | None = None, end: int | None = None, drift: float = -0.3) -> lengths.Heard:
    """Confidence drifts with ln L, with a peak at one length; END is said from one slot on."""
    confidence = drift * np.log(lengths.LENGTHS)
    if peak is not None:
        confidence[lengths.LENGTHS.index(peak)] += 0.4
    ends = np.full(lengths.MOST + 1, 0.02)
    if end is not None:
        ends[end:] = 0.9
    return lengths.Heard(true, confidence, np.exp(confidence), ends)


def of(lines: list[dict], rule: str) -> dict:
    return next(line for line in lines if line["rule"] == rule)


def test_the_correction_takes_out_the_drift_and_leaves_the_peak():
    freed = lengths.corrected(hole(9, peak=9).confidence)
    assert lengths.LENGTHS[int(freed.argmax())] == 9
    assert np.allclose(np.delete(freed, 8), 0, atol=0.05)
    assert lengths.LENGTHS[int(hole(9, peak=9).confidence.argmax())] == 1


def test_a_rule_that_knows_the_length_is_told_from_one_that_does_not():
    true = [2, 5, 9, 17, 30, 12, 3, 21]
    lines = lengths.compare([hole(length, peak=length) for length in true], CONSTANTS)
    assert of(lines, "corrected (LR-DLLM)")["best"] == 1
    assert of(lines, "confidence")["best"] < 0.5
    lines = lengths.compare([hole(length, end=length) for length in true], CONSTANTS)
    assert of(lines, "p: END")["best"] == 1
    assert of(lines, "p: END")["nats"] < of(lines, "p: both")["nats"] + 1 < of(lines, "p: how long holes are")["nats"]
    assert of(lines, "corrected (LR-DLLM)")["best"] < 0.5


def test_end_counts_nothing_beside_the_prior_where_it_says_nothing():
    rng = np.random.default_rng(1)
    holes = [hole(int(true), end=int(said)) for true, said in zip(rng.integers(2, 9, 40), rng.integers(1, 40, 40), strict=True)]
    assert lengths.power_of(holes) < 0.2
    assert lengths.power_of([hole(int(true), end=int(true)) for true in rng.integers(1, 40, 40)]) == 1


def test_chances_by_end_are_those_of_the_first_surplus_slot():
    ends = np.full(lengths.MOST + 1, 0.5)
    assert lengths.by_ends(ends)[:3] == pytest.approx([0.5, 0.25, 0.125])


def test_a_reader_is_heard_at_every_length(tmp_path):
    verifier, network, tokens = pair(tmp_path)
    row = LaidOut(tokens[0].tolist(), 4, 20, 1, "python")
    heard = lengths.hear(network, verifier, row)
    assert heard.true == 11 and heard.confidence.shape == heard.largest.shape == (len(lengths.LENGTHS),)
    # A slot is told alike in a canvas of one slot wherever else it is asked.
    again = lengths.hear(network, verifier, row)
    assert np.array_equal(heard.ends, again.ends) and ((0 < heard.ends) & (heard.ends < 1)).all()
    assert (heard.confidence <= 0).all() and ((heard.largest > 0) & (heard.largest <= 1)).all()
