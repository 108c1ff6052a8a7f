"""The network that the reader is compared with: one token a pass."""

import json

import pytest
import torch
from test_reader import MASK, VOCABULARY, write_verifier
from test_reader_trainer import lines, plan, state, stop_after

from lacuna_training import drafts_compared, frozen_verifier, reader_export, reader_measures, reader_trainer
from lacuna_training import reader as reader_module
from lacuna_training.autoregressive import Autoregressive
from lacuna_training.reader import DRAFT, ReaderConfig

PLACES = 5


def pair(folder):
    verifier = frozen_verifier.load(write_verifier(folder, "qwen3"), torch.float32)
    config = ReaderConfig(verifier.shape, (0, 2), 48, VOCABULARY, rank=8, is_autoregressive=True)
    network = Autoregressive(config).attach(verifier, torch.arange(VOCABULARY))
    generator = torch.Generator().manual_seed(2)
    reader_module.initialize(network, verifier, 0, generator)
    with torch.no_grad():
        for name in ("slots", "roles", "following"):
            getattr(network, name).copy_(torch.randn(getattr(network, name).shape, generator=generator))
    tokens = torch.randint(4, VOCABULARY, (1, 32), generator=generator)
    anchors = torch.tensor([[6, 13, 30]])
    reading = verifier.read(tokens, [0, 2])
    return verifier, network, tokens, anchors, reading


def test_a_place_sees_the_places_before_it_and_the_cache_before_the_anchor(tmp_path):
    verifier, network, tokens, anchors, reading = pair(tmp_path)
    inputs = torch.randint(4, VOCABULARY, (1, 3, PLACES), generator=torch.Generator().manual_seed(3))
    lengths, last = torch.full_like(anchors, PLACES), reading.hidden[:, anchors[0] - 1]
    others = inputs.clone()
    others[..., 3:] = (others[..., 3:] + 1) % VOCABULARY
    elsewhere = tokens.clone()
    elsewhere[:, 13:] = 5
    with torch.no_grad():
        found = network(inputs, lengths, anchors, reading.keys_values, last, DRAFT)
        changed = network(others, lengths, anchors, reading.keys_values, last, DRAFT)
        kept = network(inputs, lengths, anchors, verifier.read(elsewhere, [0, 2]).keys_values, last, DRAFT)
    torch.testing.assert_close(changed[:, :, :3], found[:, :, :3])
    assert (changed[:, :, 3:] - found[:, :, 3:]).abs().amax((0, 2, 3)).min() > 1e-3
    torch.testing.assert_close(kept[:, :2], found[:, :2], atol=1e-5, rtol=1e-4)
    assert (kept[:, 2] - found[:, 2]).abs().max() > 1e-3


def test_a_draft_is_what_the_unrolled_passes_say_of_it(tmp_path):
    _, network, tokens, anchors, reading = pair(tmp_path)
    known, last = tokens[0, anchors[0]], reading.hidden[0, anchors[0] - 1]
    drafted, _ = network.draft_behind(known, anchors[0], reading.keys_values, last, PLACES)
    inputs = torch.cat([known[:, None], drafted[:, :-1]], 1)
    with torch.no_grad():
        hidden = network(inputs[None], torch.full_like(anchors, PLACES), anchors, reading.keys_values, last[None], DRAFT)[0]
        again = network.logits(hidden, network.before(network.class_of[inputs]))[..., :-1].argmax(-1)
    assert torch.equal(again, drafted)
    assert (drafted != MASK).all()


def test_it_learns_in_the_readers_trainer(tmp_path, bpe, monkeypatch):
    stop_after(monkeypatch, 20)
    settings = dict(autoregressive=True, infills=0, workers=2, minutes=9, step_rows=4, rate=1e-3, new_rate=3e-3)
    reader_trainer.run(plan(tmp_path, bpe, **settings))
    losses = [line["draft"] for line in lines(tmp_path / "run")]
    assert sum(losses[-5:]) < 0.97 * sum(losses[:5])
    # What it begins with is the reader's own beginning.
    stop_after(monkeypatch, 1)
    for name, is_autoregressive in (("one", True), ("other", False)):
        reader_trainer.run(plan(tmp_path, bpe, out=name, autoregressive=is_autoregressive, infills=0, minutes=9, rate=0.0, new_rate=0.0))
    assert torch.equal(state(tmp_path / "one")["masters"], state(tmp_path / "other")["masters"])
    for name, is_autoregressive in (("one", True), ("other", None)):
        reader_export.export_run(tmp_path / name, tmp_path / "verifier", tmp_path / f"{name} export")
        assert json.loads((tmp_path / f"{name} export" / "reader.json").read_text()).get("isAutoregressive") is is_autoregressive


def test_runs_are_compared_by_their_drafts_of_the_same_texts(tmp_path, bpe, monkeypatch):
    stop_after(monkeypatch, 2)
    for name, is_autoregressive in (("parallel", False), ("single", True)):
        reader_trainer.run(plan(tmp_path, bpe, out=name, autoregressive=is_autoregressive, infills=0, minutes=9))
    kept = torch.load(tmp_path / "single" / "prepared.pt", weights_only=True)
    held_out = reader_measures.HeldOut([reader_trainer.reader_data.LaidOut(**row) for row in kept["rows"]], kept["texts"])
    verifier = frozen_verifier.load(tmp_path / "verifier", torch.bfloat16, "rows")
    networks = [drafts_compared.open_run(tmp_path / name, verifier) for name in ("parallel", "single")]
    counts = [drafts_compared.walked(network, verifier, held_out, 4) for network in networks]
    assert [sum(tokens for tokens, _ in own) for own in counts] == [sum(map(len, kept["texts"]))] * 2
    measured = [json.loads(line)["held_out"]["tau"] for line in (tmp_path / "single" / "log.jsonl").read_text().splitlines() if "held_out" in line]
    whole = drafts_compared.walked(networks[1], verifier, held_out, reader_measures.DRAFT_SLOTS)
    assert drafts_compared.tokens_a_verify(whole) == pytest.approx(measured[-1], abs=5e-4)


def test_intervals_are_of_texts_that_both_have():
    first, second = [(8, 4), (9, 9), (10, 5)] * 20, [(8, 2), (9, 9), (10, 4)] * 20
    one, other = drafts_compared.compared([first, second])
    assert one["tau"] == pytest.approx(27 / 18) and other["tau"] == pytest.approx(27 / 15)
    assert other["more"] == pytest.approx(27 / 15 - 27 / 18)
    assert one["interval"][0] < one["tau"] < one["interval"][1]
    # The same texts are drawn for both: where they differ alike, the difference is sure although each is not.
    assert other["more_interval"][0] > 0
    assert drafts_compared.compared([first, first])[1]["more_interval"] == [0, 0]
