"""Runs of the reader's trainer, at a size of seconds."""

import json

import pytest
import torch
from test_reader import write_verifier

from lacuna_training import reader_export, reader_plan, reader_trainer

TEXT = "def add(a, b):\n    return a + b\n\n\nfor item in range(10):\n    print(item)\n" * 8


def plan(tmp_path, bpe, **changes):
    folder = write_verifier(tmp_path / "verifier", "llama", vocabulary=bpe.get_vocab_size())
    bpe.save(str(folder / "tokenizer.json"))
    for role in ("train", "validation"):
        (tmp_path / "shards" / role).mkdir(parents=True, exist_ok=True)
        file = {"package": "a", "path": "a.py", "language": "python", "role": role, "text": TEXT}
        (tmp_path / "shards" / role / "a.jsonl").write_text(json.dumps(file) + "\n")
    settings = dict(
        minutes=0.1, reads="0,2", units=48, head_tokens=300, rank=8, rate=3e-3, new_rate=3e-3, warmup_steps=2, step_rows=6, batch_tokens=512,
        drafts=4, infills=2, held_out=4, held_out_tokens=8, workers=1, log_steps=1, weights="rows", gates=False,
    )  # fmt: skip
    return reader_plan.Plan(folder, tmp_path / "shards", tmp_path / changes.pop("out", "run"), **(settings | changes))


RATE_SCALE = reader_plan.rate_scale


def stop_after(monkeypatch, steps: int):
    """Makes a run end as if its minutes were over at that step."""

    def counted(step, minutes, plan):
        if step + 1 >= steps:
            object.__setattr__(plan, "minutes", 0.0)
        return RATE_SCALE(step, 0.0, plan)

    monkeypatch.setattr(reader_trainer, "rate_scale", counted)


def state(folder):
    return torch.load(folder / "state.pt", weights_only=True)


def lines(folder):
    return [line for line in map(json.loads, (folder / "log.jsonl").read_text().splitlines()) if "held_out" not in line]


def test_a_run_that_was_cut_off_goes_on_as_if_it_had_not_been(tmp_path, bpe, monkeypatch):
    stop_after(monkeypatch, 4)
    reader_trainer.run(plan(tmp_path, bpe, out="whole", minutes=9))
    stop_after(monkeypatch, 2)
    reader_trainer.run(plan(tmp_path, bpe, out="parts", minutes=9))
    assert state(tmp_path / "parts")["step"] == 2
    stop_after(monkeypatch, 4)
    reader_trainer.run(plan(tmp_path, bpe, out="parts", minutes=9))
    whole, parts = state(tmp_path / "whole"), state(tmp_path / "parts")
    assert whole["step"] == parts["step"] == 4
    for name in reader_trainer.VECTORS:
        assert torch.equal(whole[name], parts[name]), name


def test_a_tiny_reader_learns_on_two_processes(tmp_path, bpe, monkeypatch):
    stop_after(monkeypatch, 20)
    reader_trainer.run(plan(tmp_path, bpe, workers=2, minutes=9, step_rows=4, rate=1e-3, new_rate=3e-3))
    losses = [line["draft"] + line["infill"] for line in lines(tmp_path / "run")]
    assert sum(losses[-5:]) < 0.97 * sum(losses[:5])


def test_the_boundary_stage_begins_with_the_weights_of_another_run(tmp_path, bpe, monkeypatch):
    stop_after(monkeypatch, 2)
    reader_trainer.run(plan(tmp_path, bpe, minutes=9))
    stop_after(monkeypatch, 1)
    reader_trainer.run(plan(tmp_path, bpe, out="second", stage="boundary", start=str(tmp_path / "run"), minutes=9, rate=0.0, new_rate=0.0))
    assert torch.equal(state(tmp_path / "second")["masters"], state(tmp_path / "run")["average"])


def test_a_run_for_another_verifier_is_not_resumed(tmp_path, bpe, monkeypatch):
    stop_after(monkeypatch, 1)
    reader_trainer.run(plan(tmp_path, bpe, minutes=9))
    with pytest.raises(ValueError, match="another verifier"):
        reader_trainer.run(plan(tmp_path, bpe, minutes=9, weights="none"))


def test_gates_are_asked_once_when_their_time_has_come():
    bad = {"tau": 1.1, "slots_right": [0.3]}
    good = {"tau": 1.9, "slots_right": [0.55]}
    assert reader_plan.failed_gate(3, 9, bad) is None
    assert reader_plan.failed_gate(9, 11, bad).code == 4
    assert reader_plan.failed_gate(11, 30, bad) is None
    assert reader_plan.failed_gate(100, 121, bad).code == 5
    assert reader_plan.failed_gate(100, 121, good) is None
    assert reader_plan.failed_gate(350, 361, good).code == 6


def test_a_gate_that_fails_is_an_exit_code_and_a_sentence(tmp_path, bpe, capsys):
    code = reader_trainer.main(plan(tmp_path, bpe, windows=4, minutes=0.005, rate=0.0, new_rate=0.0, gates=True))
    assert code == reader_plan.OVERFIT_CODE
    assert "not learned by heart" in capsys.readouterr().err


def test_a_run_goes_on_from_an_exported_reader(tmp_path, bpe, monkeypatch):
    stop_after(monkeypatch, 3)
    reader_trainer.run(plan(tmp_path, bpe, out="first", minutes=9))
    reader_export.export_run(tmp_path / "first", tmp_path / "verifier", tmp_path / "export", "average")
    stop_after(monkeypatch, 1)
    # Sizes are those of the export, whatever the plan says.
    changes = dict(start=str(tmp_path / "export"), rate=0.0, new_rate=0.0, units=32, head_tokens=200)
    reader_trainer.run(plan(tmp_path, bpe, out="second", minutes=9, **changes))
    torch.testing.assert_close(state(tmp_path / "second")["masters"], state(tmp_path / "first")["average"], atol=1e-5, rtol=1e-5)
