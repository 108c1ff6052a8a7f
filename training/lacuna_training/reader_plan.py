"""What a run of the reader's training is, how its rate goes, and the gates that end it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Plan:
    """What a run is. `rate` is that of what is fitted beforehand; `new_rate` that of what begins at nothing.

    Both rise over `warmup_steps`, stay, and fall to 0 over the last `decay_minutes`.
    """

    verifier: Path
    shards: Path
    out: Path
    minutes: float
    stage: str = "plain"  # or "boundary", from the weights of another run
    start: str = ""  # the folder of that run, or of an exported reader
    weights: str = "rows"  # how the verifier ships: none, rows or int4
    reads: str = ""  # verifier layers to read, such as 13,21,28; by default at 0.43, 0.71 and 0.93 of the depth
    units: int = 0  # units kept of each MLP; by default half of them, at most 2560
    autoregressive: bool = False  # a token a pass, for comparison, with `infills` 0
    head_tokens: int = 16_384
    rank: int = 64
    rate: float = 1e-4
    new_rate: float = 1e-3
    warmup_steps: int = 50
    decay_minutes: float = 0.0
    weight_decay: float = 0.0
    average_steps: int = 100
    step_rows: int = 12
    batch_tokens: int = 2048
    drafts: int = 32
    infills: int = 8
    windows: int = 0  # that many rows and no others, for `minutes` of processor time: the first gate
    held_out: int = 64
    held_out_tokens: int = 48
    measure_minutes: float = 15.0  # of processor time
    workers: int = 2
    seed: int = 1
    device: str = "cpu"  # or "cuda", with one worker and more rows a step
    gates: bool = True
    save_seconds: float = 600.0
    log_steps: int = 5


@dataclass(frozen=True)
class Gate:
    """After `minutes` of processor time a worker, `measure` of the held-out texts has to be above `least`."""

    code: int
    minutes: float
    measure: str
    least: float
    sentence: str


GATES = (
    Gate(4, 10, "tau", 1.2, "Drafts of the reader are hardly better than none: wiring, positions or rotation are wrong, or labels are."),
    Gate(5, 120, "first", 0.5, "Two hours did not bring the first slot to half: more windows, other layers or another rate are needed."),
    Gate(6, 360, "first", 0.6, "Six hours did not bring the first slot to 60 %."),
)
OVERFIT_CODE, OVERFIT_LEAST = 3, 0.9


class GateFailed(Exception):
    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def failed_gate(before: float, now: float, measured: dict) -> Gate | None:
    """The gate passed by between two measurements, at minutes `before` and `now`, whose condition `measured` does not meet."""
    values = {"tau": measured["tau"], "first": measured["slots_right"][0]}
    return next((gate for gate in GATES if before < gate.minutes <= now and not values[gate.measure] > gate.least), None)


def rate_scale(step: int, minutes: float, plan: Plan) -> float:
    warm = min(1.0, (step + 1) / plan.warmup_steps)
    left = (plan.minutes - minutes) / plan.decay_minutes if plan.decay_minutes > 0 else 1.0
    return max(0.0, min(warm, left))
