import dataclasses

import numpy as np
import pytest
import torch

from lacuna_training import answers, diffuser_rows, model, samples
from lacuna_training.corpus import SourceFile
from lacuna_training.specials import EOS, ID, MASK

TEXT = "".join(f"def add_{index}(a, b):\n    return a + b + {index}\n\n\n" for index in range(60))
DRAFTS = diffuser_rows.Mixture(draft=1.0, infill=0.0, flexible=0.0, answers=1.0)


def rows(bpe, seed=5):
    source = samples.StreamSource([SourceFile("p", "a.py", "python", "train", TEXT)], bpe, seed)
    return diffuser_rows.DiffuserRows(source, 6000, 96, seed, diffuser_rows.STAGES["distil"])


def test_only_masks_are_learned_and_each_kind_has_its_share_of_the_loss(bpe):
    draws = rows(bpe)
    for _ in range(10):
        batch = draws.draw()
        learned = batch.targets != -100
        assert learned.sum() > 50
        assert (batch.tokens[learned] == ID[MASK]).all()
        assert (batch.weights[~learned] == 0).all()
        assert float(batch.weights.sum()) == pytest.approx(1.0, abs=1e-3)


def test_context_never_sees_a_canvas_and_canvases_never_see_each_other(bpe):
    batch = rows(bpe).draw()
    network = model.Qwen2(model.Config(hidden_size=64, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1,
                                       intermediate_size=96, vocab_size=bpe.get_vocab_size()))  # fmt: skip
    first = int(batch.canvas[0].max() - batch.canvas[0, 96:].max() + batch.canvas[0, 96])
    own = batch.canvas[0] == first
    other = (batch.canvas[0] > 0) & ~own
    changed = batch.tokens.clone()
    changed[0, own] = 17
    mask = batch.mask(torch.float32)
    with torch.no_grad():
        before = network(batch.tokens, batch.positions, mask)
        after = network(changed, batch.positions, mask)
    assert torch.equal(before[0, :96], after[0, :96])
    assert not torch.equal(before[0, own], after[0, own])
    assert torch.equal(before[0, other], after[0, other])


def test_a_canvas_token_stands_at_its_place_in_the_stream_and_sees_what_is_before_its_anchor(bpe):
    batch = rows(bpe).draw()
    allowed = batch.mask(torch.float32)[:, 0] == 0
    for row, at in (batch.canvas > 0).nonzero().tolist()[::17]:
        anchor = int(batch.anchor[row, at])
        assert allowed[row, at, :96].tolist() == [index < anchor for index in range(96)]
        first = int((batch.canvas[row] == batch.canvas[row, at]).nonzero()[0])
        assert int(batch.positions[row, at]) == anchor + at - first


def test_canvases_over_answers_start_in_the_answer_and_stop_at_its_end(tmp_path):
    np.savez(tmp_path / "0.npz", tokens=np.array([[30, 31, 32, 33, 34, 35, ID[EOS], ID[EOS]]], np.uint16), prompt_length=4)
    source = answers.AnswerSource(tmp_path, seed=1)
    assert source.draw(16).tokens == [30, 31, 32, 33, 34, 35, ID[EOS]]
    batch = diffuser_rows.DiffuserRows(source, 400, 16, 1, DRAFTS, source).draw()
    assert set(batch.anchor[batch.canvas > 0].tolist()) <= {4, 5}


def test_the_stages_differ_in_what_they_weigh():
    distil, boundary = diffuser_rows.STAGES["distil"], diffuser_rows.STAGES["boundary"]
    assert boundary.decay < distil.decay
    assert boundary.partly_shown == 0
    assert dataclasses.replace(boundary, decay=distil.decay, partly_shown=distil.partly_shown, answers=distil.answers) == distil
