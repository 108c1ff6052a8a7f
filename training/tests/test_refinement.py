"""Middles of known length: how slots are decided, and the two refinements."""

import pytest
import torch
from test_reader import pair

from lacuna_training.reader import MASK
from lacuna_training.reader_data import LaidOut
from lacuna_training.refinement import Canvas, Rule, compare, decide

COUNT = 6


@pytest.fixture
def canvas(tmp_path):
    verifier, network, _ = pair(tmp_path)
    with torch.no_grad():  # masks of zeros would all say the same
        for parameter in (network.mask, network.slots, network.following):
            parameter.copy_(torch.randn(parameter.shape, generator=torch.Generator().manual_seed(4)))
    tokens = torch.arange(4, 4 + 20)[None]
    row = LaidOut([*tokens[0].tolist(), 0], 1, 12, 1, "python")
    return verifier, network, row, Canvas(network, verifier.read(tokens, list(network.config.reads)), 0, row)


def test_slots_are_decided_together_one_by_one_or_once_nothing_moves(canvas):
    *_, own = canvas
    assert decide(own, COUNT, Rule(sure=0)).passes == 1
    assert decide(own, COUNT, Rule(sure=2)).passes == COUNT
    assert decide(own, COUNT, Rule(sure=2, settled=1e9)).passes == 2


def test_the_first_pass_decides_what_is_likeliest_and_never_an_end(canvas):
    _, network, _, own = canvas
    found = own.log_shares(torch.full((COUNT,), MASK), None)
    assert found.shape == (COUNT, network.config.head_tokens)
    assert decide(own, COUNT, Rule(sure=0)).tokens == network.token_of[found.argmax(-1)].tolist()


def test_a_mixture_of_nothing_is_the_mask_and_one_of_a_sure_token_is_that_token(canvas):
    _, network, _, own = canvas
    masks, size = torch.full((COUNT,), MASK), network.config.head_tokens
    even = torch.full((COUNT, size), 1 / size)
    torch.testing.assert_close(own.log_shares(masks, network.guess(even, torch.zeros(COUNT))), own.log_shares(masks, None))
    sure = torch.nn.functional.one_hot(torch.tensor([5] * COUNT), size).float()
    hidden = network.guess(sure, torch.ones(COUNT))
    embedding, *_ = network.frozen
    torch.testing.assert_close(hidden[0], network.input_map(embedding[network.token_of[5]] / network.token_scale))


def test_undecided_slots_see_what_the_others_may_hold(canvas):
    _, network, _, own = canvas
    masks = torch.full((COUNT,), MASK)
    sure = torch.nn.functional.one_hot(torch.arange(COUNT), network.config.head_tokens).float()
    assert not torch.allclose(own.log_shares(masks, network.guess(sure, torch.ones(COUNT))), own.log_shares(masks, None), atol=1e-3)


def test_finished_slots_are_decided_again_where_they_are_unlikely(canvas):
    *_, own = canvas
    plain = decide(own, COUNT, Rule(sure=0))
    kept = decide(own, COUNT, Rule(sure=0, again=1e-9))
    assert (kept.tokens, kept.passes) == (plain.tokens, 2)
    assert decide(own, COUNT, Rule(sure=0, again=1.1)).passes == 3


def test_rules_are_counted_over_the_same_middles(canvas):
    verifier, network, row, _ = canvas
    one, each = compare(network, verifier, [row, row], [Rule(sure=0), Rule(sure=2)])
    slots = len(row.tokens) - 1 - row.middle
    assert (one["slots"], one["passes"], each["passes"]) == (2 * slots, 2, 2 * slots)
