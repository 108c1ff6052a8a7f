"""Trains a reader with one single-threaded process a core on shared weights, as `shared_trainer` does a verifier.

What a step reads depends on its number alone, so that a run that was cut off goes on as if it had not been. Gates end a run that is not
worth its hours, with an exit code and a sentence; they count minutes of processor time a worker, because other work may have the machine.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import torch
import torch.multiprocessing as multiprocessing
from torch import Tensor

from lacuna_training import reader_data, reader_export, reader_measures, reader_step
from lacuna_training.flat_adam import FlatAdam, flat_slices
from lacuna_training.reader import Reader, ReaderConfig
from lacuna_training.reader_plan import GATES, OVERFIT_CODE, OVERFIT_LEAST, GateFailed, Plan, failed_gate, rate_scale
from lacuna_training.reader_prepare import Prepared, bound_reader, prepare, untrained
from lacuna_training.shared_trainer import give_back_memory


class _Shared:
    def __init__(self, size: int, plan: Plan, context: object) -> None:
        def new(dtype: torch.dtype) -> Tensor:
            made = torch.zeros(size, dtype=dtype, device=plan.device)
            return made.share_memory_() if plan.device == "cpu" else made

        self.weights, self.masters = new(torch.bfloat16), new(torch.float32)
        self.first, self.second, self.average = new(torch.float32), new(torch.float32), new(torch.float32)
        self.gradients = [new(torch.bfloat16) for _ in range(plan.workers)]
        self.sums = torch.zeros(plan.workers, len(reader_step.SUMS) + 2, dtype=torch.float64).share_memory_()
        self.taken, self.stop, self.step, self.code = (context.Value("i", 0) for _ in range(4))
        # Seconds: of the clock, of a worker's processor, and those when the held-out rows were last measured.
        self.elapsed, self.processor, self.measured = (context.Value("d", 0.0) for _ in range(3))
        self.barrier = context.Barrier(plan.workers)


VECTORS = ("masters", "first", "second", "average")
COUNTS = ("step", "elapsed", "processor", "measured")


def run(plan: Plan) -> None:
    """Trains until `plan.minutes` have gone into `plan.out`, resuming what is there; SIGTERM saves and ends. @raises GateFailed"""
    if plan.device != "cpu" and plan.workers > 1:
        raise ValueError("a GPU has one worker")
    if plan.stage not in reader_step.STAGES:
        raise ValueError(f"stages are {', '.join(reader_step.STAGES)}")
    if plan.autoregressive and plan.infills:
        raise ValueError("a network that writes a token a pass has drafts alone: --infills 0")
    plan.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    prepared = prepare(plan)
    with torch.device("meta"):
        slices = flat_slices(Reader(prepared.config))
    context = multiprocessing.get_context("fork")
    shared = _Shared(slices[-1][1].stop, plan, context)
    if (plan.out / "state.pt").exists():
        state = torch.load(plan.out / "state.pt", weights_only=True, mmap=True)
        for name in VECTORS:
            getattr(shared, name).copy_(state[name])
        for name in COUNTS:
            getattr(shared, name).value = state[name]
        print(f"resumed at step {state['step']}, {state['elapsed'] / 60:.1f} min", flush=True)
    else:
        # What fitting takes, some gigabytes, goes with its process.
        beginning = context.Process(target=_begin, args=(plan, prepared, shared.masters)) if plan.device == "cpu" else None
        if beginning is None:
            _begin(plan, prepared, shared.masters)
        else:
            beginning.start()
            beginning.join()
            if beginning.exitcode != 0:
                raise RuntimeError("what training begins with could not be made")
        shared.average.copy_(shared.masters)
        save(plan, shared)
    shared.weights.copy_(shared.masters)
    if prepared.verifier.uses_kernels(reader_data.PADDING):
        prepared.verifier.keep_packed_only()
    give_back_memory()
    (plan.out / "pid").write_text(str(os.getpid()))

    def stop(*_: object) -> None:
        shared.stop.value = shared.stop.value or 1

    processes = [context.Process(target=_work, args=(rank, plan, shared, prepared)) for rank in range(plan.workers)] if plan.workers > 1 else []
    for process in processes:
        process.start()
    earlier = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        if not processes:
            _work(0, plan, shared, prepared)
        for process in processes:
            while process.is_alive():
                process.join(1.0)
                if any(other.exitcode not in (None, 0) for other in processes):
                    for other in processes:
                        other.kill()
                    raise RuntimeError("a worker died; run again to resume")
    finally:
        (plan.out / "pid").unlink(missing_ok=True)
        for number, handler in earlier.items():
            signal.signal(number, handler)
    if shared.code.value:
        sentence = next((gate.sentence for gate in GATES if gate.code == shared.code.value), "")
        raise GateFailed(shared.code.value, sentence or f"{plan.windows} windows were not learned by heart: first slot below {OVERFIT_LEAST:.0%}.")


def _begin(plan: Plan, prepared: Prepared, masters: Tensor) -> None:
    """Writes the parameters that a run begins with into `masters`."""
    with torch.device("meta"):
        slices = flat_slices(Reader(prepared.config))
    start = Path(plan.start)
    if plan.start and not reader_export.is_export(start):
        masters.copy_(torch.load(start / "state.pt", weights_only=True, mmap=True)["average"])
        return
    exported = reader_export.masters(start, prepared.config, prepared.scales) if plan.start else None
    parameters = exported if exported is not None else dict(untrained(plan, prepared).named_parameters())
    for name, part in slices:
        masters[part] = parameters[name].detach().float().flatten()


def save(plan: Plan, shared: _Shared) -> None:
    partial = plan.out / "state.partial"
    counts = {name: getattr(shared, name).value for name in COUNTS}
    torch.save({name: getattr(shared, name) for name in VECTORS} | counts, partial)
    partial.replace(plan.out / "state.pt")


def measure(plan: Plan, prepared: Prepared, average: Tensor) -> dict:
    """The averaged weights on the held-out rows and texts."""
    network = bound_reader(prepared, average.to(torch.bfloat16), None)
    recipe = reader_data.Recipe()
    held_out = prepared.held_out
    drafted = reader_measures.acceptance(network, prepared.verifier, held_out)
    if prepared.config.is_autoregressive:
        return drafted
    return drafted | reader_measures.infilling(network, prepared.verifier, held_out, recipe, random.Random(5))


# What begins at nothing, or at a guess; all else is fitted before training.
NEW = {"mask", "slots", "roles", "previous", "following"}


class _Stepper:
    """AdamW over one worker's slice, with a rate for what was fitted and one for what is new."""

    def __init__(self, shared: _Shared, plan: Plan, config: ReaderConfig, begin: int, end: int) -> None:
        with torch.device("meta"):
            slices = flat_slices(Reader(config))
        self._parts = []
        for name, part in slices:
            low, high = max(part.start, begin), min(part.stop, end)
            if low < high:
                vectors = [getattr(shared, each) for each in VECTORS]
                adam = FlatAdam(*vectors, low, high, high, 0.0 if name in NEW else plan.weight_decay)
                self._parts.append((adam, slice(low - begin, high - begin), plan.new_rate if name in NEW else plan.rate))

    def step(self, gradient: Tensor, scale: float, step: int, average_decay: float) -> None:
        for adam, part, rate in self._parts:
            adam.step(gradient[part], rate * scale, step, average_decay)


def _work(rank: int, plan: Plan, shared: _Shared, prepared: Prepared) -> None:
    if plan.workers > 1:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
    torch.set_num_threads(1)
    gradient = shared.gradients[rank]
    network = bound_reader(prepared, shared.weights, gradient)
    size = len(shared.masters)
    begin, end = size * rank // plan.workers, size * (rank + 1) // plan.workers
    stepper = _Stepper(shared, plan, prepared.config, begin, end)
    source = reader_data.RowSource(prepared.files, prepared.tokenizer, prepared.layout)
    recipe = reader_data.Recipe(drafts=plan.drafts, infills=plan.infills, batch_tokens=plan.batch_tokens)
    windows = source.rows(f"{plan.seed} windows", plan.windows)[0] if plan.windows else []
    log = open(plan.out / "log.jsonl", "a") if rank == 0 else None
    count = len(reader_step.SUMS)
    window, steps = torch.zeros(count + 2, dtype=torch.float64), 0
    last = last_save = time.monotonic()
    window_seconds, processor = 0.0, time.process_time()

    def report(line: dict) -> None:
        print(json.dumps(line), file=log, flush=True)
        print(json.dumps(line), flush=True)

    def is_due() -> bool:
        before, now = shared.measured.value / 60, shared.processor.value / 60
        return now - before > plan.measure_minutes or any(before < gate.minutes <= now for gate in GATES)

    def measured() -> None:
        before, now = shared.measured.value / 60, shared.processor.value / 60
        line = {"step": shared.step.value, "minutes": round(shared.elapsed.value / 60, 2), "processor_minutes": round(now, 2)}
        values = measure(plan, prepared, shared.average)
        report({"held_out": line | values})
        gate = failed_gate(before, now, values) if plan.gates and not plan.windows and plan.stage == "plain" else None
        shared.measured.value = shared.processor.value
        if gate is not None:
            shared.code.value, shared.stop.value = gate.code, 1

    while True:
        step = shared.step.value
        if windows:
            rng = random.Random(f"{plan.seed} {step}")
            rows = sorted(rng.sample(windows, min(plan.step_rows, len(windows))), key=lambda row: len(row.tokens))
        else:
            rows, rng = source.rows(f"{plan.seed} {plan.stage} {step}", plan.step_rows)
        batches = reader_data.micro_batches(rows, recipe, rng)
        sums = torch.zeros(count + 2, dtype=torch.float64)
        gradient.zero_()
        while True:
            with shared.taken.get_lock():
                at = shared.taken.value
                if at >= len(batches):
                    break
                shared.taken.value += 1
            result = reader_step.outcome(network, prepared.verifier, batches[at].to(plan.device), plan.stage)
            result.loss.backward()
            sums[:count] += result.sums
        now = time.process_time()
        sums[count] = now - processor
        processor = now
        shared.sums[rank] = sums
        shared.barrier.wait()
        everything = shared.sums.sum(0)
        mine = sum(other[begin:end].float() for other in shared.gradients) / float(everything[1] + everything[3])
        shared.barrier.wait()
        shared.sums[rank, -1] = float(mine.square().sum())
        if rank == 0:
            shared.taken.value = 0
        shared.barrier.wait()
        norm = float(shared.sums[:, -1].sum()) ** 0.5
        mine *= min(1.0, 1.0 / (norm + 1e-6))
        scale = rate_scale(step, shared.elapsed.value / 60, plan)
        stepper.step(mine, scale, step + 1, min(1 - 1 / plan.average_steps, (step + 1) / (step + 10)))
        shared.weights[begin:end] = shared.masters[begin:end]
        shared.barrier.wait()
        if rank == 0:
            now = time.monotonic()
            shared.elapsed.value += now - last
            shared.processor.value += float(everything[count]) / plan.workers
            window_seconds += now - last
            last = now
            shared.step.value = step = step + 1
            everything[-1] = norm
            window += everything
            steps += 1
            # Learning by heart is a question of work done, whoever else has the machine.
            over = (shared.processor if windows else shared.elapsed).value >= plan.minutes * 60
            if step % plan.log_steps == 0 or (over and steps):
                first = float(window[4] / window[5].clamp(min=1))
                report({
                    "step": step, "minutes": round(shared.elapsed.value / 60, 2), "processor_minutes": round(shared.processor.value / 60, 2),
                    "draft": round(float(window[0] / window[1].clamp(min=1)), 4), "infill": round(float(window[2] / window[3].clamp(min=1)), 4),
                    "first": round(first, 3), "norm": round(float(window[-1]) / steps, 2), "scale": round(scale, 4),
                    "slots_per_second": round(float(window[6]) / window_seconds), "rows": int(window[7]),
                    "processor": round(float(window[count]) / plan.workers / window_seconds, 2),
                })  # fmt: skip
                window.zero_()
                steps, window_seconds = 0, 0.0
                if plan.windows and first > OVERFIT_LEAST:
                    shared.stop.value = 1
                elif plan.windows and over and plan.gates:
                    shared.code.value = OVERFIT_CODE
            if (over or is_due()) and not plan.windows and not shared.stop.value:
                measured()  # the others wait: a minute in an hour or so
                last, processor = time.monotonic(), time.process_time()
            if over or shared.stop.value or now - last_save > plan.save_seconds:
                save(plan, shared)
                last = last_save = time.monotonic()
            while (plan.out.parent / "PAUSE").exists() and not shared.stop.value:
                time.sleep(2)
                last = time.monotonic()
            if over or shared.stop.value:
                shared.stop.value = 2
        shared.barrier.wait()
        if shared.stop.value == 2:
            return
        if plan.device == "cpu" and step % plan.log_steps == 0:
            give_back_memory()  # tensors of ever other sizes leave holes


def main(plan: Plan) -> int:
    """`run`; the exit code: 0, or that of the gate that failed, with its sentence."""
    try:
        run(plan)
    except GateFailed as failed:
        print(failed, file=sys.stderr)
        return failed.code
    return 0
