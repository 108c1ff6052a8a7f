"""Training with one single-threaded process a core, on one set of weights in shared memory.

Two threads in one process wait for each other after every small product, and on a machine that others use, for whichever of them was
put aside. Processes wait twice a step. Small batches are taken from a common count, so that the faster worker takes more of them.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.multiprocessing as multiprocessing
from torch import Tensor

from lacuna_training import bf16_kernels, fill_rows, llama, quantized
from lacuna_training.flat_adam import FlatAdam, flat_slices
from lacuna_training.losses import SLICE, _TiedCrossEntropy


@dataclass(frozen=True)
class Plan:
    """What a run is. `engine`: "kernels", "torch", or whichever the processor allows.

    `rate` is the flat rate; `decay_minutes` before `minutes` are over it falls to 0 in a straight line.
    """

    initial: Path
    shards: Path
    out: Path
    minutes: float
    rate: float = 4e-4
    warmup_steps: int = 40
    decay_minutes: float = 0.0
    weight_decay: float = 0.02
    step_tokens: int = 4096
    batch_tokens: int = 2048
    average_steps: int = 60
    workers: int = 2
    seed: int = 1
    device: str = "cpu"  # or "cuda", with one worker and more tokens a batch
    engine: str = "auto"
    save_seconds: float = 600.0
    log_steps: int = 10
    reload_seconds: float = 1800.0
    small_files: float = 0.3  # shares of what is drawn: fill_rows.Mixture
    tied: float = 0.25
    exercises: float = 0.0  # of those in the shards' folder `exercises`
    mixed: bool = False  # gate and up projections are read as 4-bit codes stand for them; gradients go to the masters as they are


class _Shared:
    """What the workers share."""

    def __init__(self, size: int, plan: Plan, context: object) -> None:
        def new(dtype: torch.dtype) -> Tensor:
            made = torch.zeros(size, dtype=dtype, device=plan.device)
            return made.share_memory_() if plan.device == "cpu" else made

        self.weights, self.masters = new(torch.bfloat16), new(torch.float32)
        self.first, self.second, self.average = new(torch.float32), new(torch.float32), new(torch.float32)
        self.gradients = [new(torch.bfloat16) for _ in range(plan.workers)]
        # Per worker: loss of middles, weight of middles, loss, weight, tokens, holes, squared norm.
        self.sums = torch.zeros(plan.workers, 7, dtype=torch.float64).share_memory_()
        self.taken = context.Value("i", 0)
        self.barrier = context.Barrier(plan.workers)
        self.stop = context.Value("i", 0)
        self.step = context.Value("i", 0)
        self.elapsed = context.Value("d", 0.0)


def rate_scale(step: int, minutes: float, plan: Plan) -> float:
    """Factor of the rate: a rise over `warmup_steps`, flat, and at last a fall to 0 over `decay_minutes`."""
    warm = min(1.0, (step + 1) / plan.warmup_steps)
    left = (plan.minutes - minutes) / plan.decay_minutes if plan.decay_minutes > 0 else 1.0
    return max(0.0, min(warm, left))


def four_bit_slices(model: llama.Llama, begin: int, end: int) -> list[slice]:
    """Where in [begin, end) of the flat vector matrices lie that have 4 bits in the weight plan "mixed"."""
    parts = [part for name, part in flat_slices(model) if quantized.has_four_bits(name)]
    cut = [slice(max(part.start, begin), min(part.stop, end)) for part in parts]
    return [part for part in cut if part.start < part.stop]


def bound_model(config: llama.Config, weights: Tensor, gradient: Tensor) -> llama.Llama:
    """A model whose parameters, and their gradients, are views into the flat vectors."""
    with torch.device("meta"):
        model = llama.Llama(config)
    for name, part in flat_slices(model):
        path, _, leaf = name.rpartition(".")
        owner = model.get_submodule(path)
        shape = getattr(owner, leaf).shape
        parameter = torch.nn.Parameter(weights[part].view(shape))
        parameter.grad = gradient[part].view(shape)
        setattr(owner, leaf, parameter)
    return model


def give_back_memory() -> None:
    """Lets glibc return what is free; the settings of the run scripts keep it otherwise, and every forked process would carry it."""
    try:
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    except (OSError, AttributeError):
        pass  # another C library


def run(plan: Plan) -> None:
    """Trains until `plan.minutes` of training time have gone into `plan.out`, resuming whatever is there. SIGTERM saves and ends it."""
    plan.out.mkdir(parents=True, exist_ok=True)
    if plan.device != "cpu" and plan.workers > 1:
        raise ValueError("a GPU has one worker")
    torch.set_num_threads(1)
    model = llama.load(plan.initial, torch.float32)
    parameters = dict(model.named_parameters())
    size = sum(parameter.numel() for parameter in parameters.values())
    # Forked processes need not load everything again, which takes minutes on a busy machine; CUDA cannot be forked.
    context = multiprocessing.get_context("fork" if plan.device == "cpu" else "spawn")
    if plan.device == "cpu" and plan.engine != "torch" and bf16_kernels.is_supported():
        bf16_kernels.library()
    shared = _Shared(size, plan, context)
    counts = {"tokens": 0, "holes": 0}
    if (plan.out / "state.pt").exists():
        state = torch.load(plan.out / "state.pt", weights_only=True, mmap=True)
        for name in ("masters", "first", "second", "average"):
            getattr(shared, name).copy_(state[name])
        shared.step.value, shared.elapsed.value = state["step"], state["elapsed"]
        counts = {name: state[name] for name in counts}
        print(f"resumed at step {state['step']}, {state['elapsed'] / 60:.1f} min", flush=True)
        del state
    else:
        for name, part in flat_slices(model):
            shared.masters[part] = parameters[name].detach().flatten()
        shared.average.copy_(shared.masters)
    shared.weights.copy_(shared.masters)
    if plan.mixed:
        for part in four_bit_slices(model, 0, size):
            quantized.round_blocks(shared.masters[part], shared.weights[part])
    config = asdict(model.config)
    del model, parameters
    _read_files(plan)
    give_back_memory()
    (plan.out / "pid").write_text(str(os.getpid()))

    def stop(*_: object) -> None:
        shared.stop.value = shared.stop.value or 1

    processes = (
        [context.Process(target=_work, args=(rank, plan, shared, config, counts)) for rank in range(plan.workers)]
        if plan.workers > 1
        else []
    )
    for process in processes:
        process.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    try:
        if not processes:
            _work(0, plan, shared, config, counts)
        for process in processes:
            while process.is_alive():
                process.join(1.0)
                if any(other.exitcode not in (None, 0) for other in processes):  # the others would wait for it for ever
                    for other in processes:
                        other.kill()  # they ignore SIGTERM
                    raise RuntimeError("a worker died; run again to resume")
    finally:
        (plan.out / "pid").unlink(missing_ok=True)


def save(plan: Plan, shared: _Shared, counts: dict) -> None:
    partial = plan.out / "state.partial"
    tensors = {name: getattr(shared, name) for name in ("masters", "first", "second", "average")}
    torch.save(tensors | counts | {"step": shared.step.value, "elapsed": shared.elapsed.value}, partial)
    partial.replace(plan.out / "state.pt")


def middle_and_text_loss(model: llama.Llama, batch: fill_rows.Batch, uses_kernels: bool) -> tuple[Tensor, float]:
    """Sum of weighted losses, to go backward from; and the part of it that middles have."""
    hidden = bf16_kernels.hidden_states(model, batch.tokens) if uses_kernels else model(batch.tokens)
    chosen = batch.targets != -100
    weights, targets, hidden = batch.weights[chosen], batch.targets[chosen], hidden[chosen]
    if uses_kernels:
        losses = bf16_kernels.losses(model, hidden, targets, weights)
        return losses.sum(), float(losses.detach()[weights == 1.0].sum())
    embedding, is_middle = model.embed_tokens.weight, weights == 1.0
    parts = [_TiedCrossEntropy.apply(hidden[part], embedding, targets[part], weights[part]) for part in (is_middle, ~is_middle)]
    return parts[0] + parts[1], float(parts[0].detach())


def _work(rank: int, plan: Plan, shared: _Shared, config: dict, counts: dict) -> None:
    if plan.workers > 1:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
    torch.set_num_threads(1)
    SLICE["cpu"] = 512
    gradient = shared.gradients[rank]
    model = bound_model(llama.Config(**config), shared.weights, gradient)
    uses_kernels = plan.device == "cpu" and (plan.engine == "kernels" or (plan.engine == "auto" and bf16_kernels.is_supported()))
    border = sum(parameter.numel() for parameter in model.parameters() if parameter.dim() >= 2)
    size = len(shared.masters)
    # A worker's slice is of whole blocks.
    bounds = [size * other // plan.workers // quantized.BLOCK * quantized.BLOCK for other in range(plan.workers)] + [size]
    begin, end = bounds[rank], bounds[rank + 1]
    rounded = four_bit_slices(model, begin, end) if plan.mixed else []
    adam = FlatAdam(shared.masters, shared.first, shared.second, shared.average, begin, end, border, plan.weight_decay)
    draw = _drawer(plan, rank + 1000 * shared.step.value)
    micro_batches = max(1, round(plan.step_tokens / plan.batch_tokens))
    log = open(plan.out / "log.jsonl", "a") if rank == 0 else None
    window, steps = torch.zeros(7, dtype=torch.float64), 0
    last = last_save = time.monotonic()
    window_seconds, window_processor = 0.0, time.process_time()
    while True:
        sums = torch.zeros(7, dtype=torch.float64)
        gradient.zero_()
        while True:
            with shared.taken.get_lock():
                if shared.taken.value >= micro_batches:
                    break
                shared.taken.value += 1
            batch = draw().to(plan.device)
            total, middle = middle_and_text_loss(model, batch, uses_kernels)
            total.backward()
            middles = float((batch.weights == 1.0).sum())
            sums += torch.tensor(
                [middle, middles, float(total.detach()), float(batch.weights.sum()), batch.used, batch.holes, 0.0], dtype=torch.float64
            )
        shared.sums[rank] = sums
        shared.barrier.wait()
        everything = shared.sums.sum(0)
        mine = sum(other[begin:end].float() for other in shared.gradients) / float(everything[3])
        shared.barrier.wait()
        shared.sums[rank, 6] = float(mine.square().sum())
        if rank == 0:
            shared.taken.value = 0
        shared.barrier.wait()
        norm = float(shared.sums[:, 6].sum()) ** 0.5
        mine *= min(1.0, 1.0 / (norm + 1e-6))
        step = shared.step.value
        rate = plan.rate * rate_scale(step, shared.elapsed.value / 60, plan)
        adam.step(mine, rate, step + 1, min(1 - 1 / plan.average_steps, (step + 1) / (step + 10)))
        shared.weights[begin:end] = shared.masters[begin:end]
        for part in rounded:
            quantized.round_blocks(shared.masters[part], shared.weights[part])
        shared.barrier.wait()
        if rank == 0:
            now = time.monotonic()
            shared.elapsed.value += now - last
            window_seconds += now - last
            last = now
            shared.step.value = step = step + 1
            everything[6] = norm
            window += everything
            steps += 1
            counts["tokens"] += int(everything[4])
            counts["holes"] += int(everything[5])
            if step % plan.log_steps == 0:
                line = {
                    "step": step, "minutes": round(shared.elapsed.value / 60, 2), "middle": round(float(window[0] / window[1]), 4),
                    "loss": round(float(window[2] / window[3]), 4), "norm": round(float(window[6]) / steps, 2), "rate": round(rate, 7),
                    **counts, "tokens_per_second": round(float(window[4]) / window_seconds),
                    "processor": round((time.process_time() - window_processor) / window_seconds, 2),
                }  # fmt: skip
                print(json.dumps(line), file=log, flush=True)
                print(json.dumps(line), flush=True)
                window.zero_()
                steps = 0
                window_seconds, window_processor = 0.0, time.process_time()
            over = shared.elapsed.value >= plan.minutes * 60
            if over or shared.stop.value or now - last_save > plan.save_seconds:
                save(plan, shared, counts)
                last = last_save = time.monotonic()
            while (plan.out.parent / "PAUSE").exists() and not shared.stop.value:
                time.sleep(2)
                last = time.monotonic()
            if over or shared.stop.value:
                shared.stop.value = 2
        shared.barrier.wait()
        if shared.stop.value == 2:
            return


# The shards' names and files as they were read last; read before the workers are forked, so that they share them.
_files: tuple[frozenset[str], list] = (frozenset(), [])


def _read_files(plan: Plan) -> tuple[frozenset[str], list]:
    global _files
    folders = [plan.shards / "train", *([plan.shards / "exercises"] if plan.exercises > 0 else [])]
    names = frozenset(path.name for folder in folders for path in folder.glob("*.jsonl"))
    if names != _files[0]:
        _files = (names, [file for folder in folders for file in fill_rows.read_shards(folder)])
    return _files


def _drawer(plan: Plan, seed: int) -> Callable[[], fill_rows.Batch]:
    """Draws batches; looks now and then whether there are more shards."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(plan.initial / "tokenizer.json"))
    names: frozenset[str] = frozenset()
    batches: fill_rows.Batches | None = None
    looked = -plan.reload_seconds

    def draw() -> fill_rows.Batch:
        nonlocal batches, names, looked, seed
        if batches is None or time.monotonic() - looked > plan.reload_seconds:
            looked = time.monotonic()
            found, files = _read_files(plan)
            if batches is None or found != names:
                names, seed = found, seed + 10
                source = fill_rows.RowSource(files, tokenizer, seed, mixture=fill_rows.Mixture(plan.small_files, plan.tied, plan.exercises))
                batches = fill_rows.Batches(source, plan.batch_tokens, seed)
        return batches.draw()

    return draw
