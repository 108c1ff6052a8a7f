"""The training loop of both models: time-boxed, resumable, with checkpoints as Hugging Face folders."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from lacuna_training import feed
from lacuna_training import model as models
from lacuna_training.optimizer import MasterOptimizer

CHECKPOINT_SECONDS = 300.0
LOG_STEPS = 20
PEAK_FLOPS = 989e12


def rate_scale(progress: float, warmup: float = 0.02, decay_from: float = 0.5) -> float:
    """Learning-rate factor at `progress` in [0, 1] of the time: a short rise, flat, then a straight fall to 0."""
    if progress < warmup:
        return progress / warmup + 0.01
    if progress < decay_from:
        return 1.0
    return max(0.0, (1.0 - progress) / (1.0 - decay_from))


def run(
    model: models.Qwen2,
    draw_of: feed.DrawOf,
    loss_of: Callable[[models.Qwen2, object], tuple[Tensor, int]],
    out: Path,
    minutes: float,
    muon_rate: float,
    adam_rate: float,
    validate: Callable[[models.Qwen2], dict],
    extra_config: dict,
    seed: int = 1,
    workers: int = 0,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Trains until `minutes` of training time have gone into `out`, resuming whatever is there.

    `draw_of(seed)` gives a function that draws batches; `loss_of(model, batch)` gives a loss and a token count; `clock` counts seconds.
    Writes log.jsonl, state.pt and the model folder itself.
    """
    out.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model.to(device, torch.bfloat16)
    if device.type == "cuda":
        model.compile(dynamic=False)
    optimizer = MasterOptimizer(model, muon_rate, adam_rate)
    state_path, step, elapsed, seen = out / "state.pt", 0, 0.0, 0
    if state_path.exists():
        state = torch.load(state_path, weights_only=True, map_location=device)
        optimizer.load_state_dict(state["optimizer"])
        step, elapsed, seen = state["step"], state["elapsed"], state["seen"]
        print(f"resumed at step {step}, {elapsed / 60:.1f} min", flush=True)
        if elapsed >= minutes * 60:
            return

    parameters = sum(parameter.numel() for parameter in model.parameters())

    def save() -> None:
        full = models.Qwen2(model.config)
        names = [name for name, _ in model.named_parameters()]
        full.load_state_dict(dict(zip(names, optimizer.masters(), strict=True)))
        models.save(full, out, extra_config)
        partial = out / "state.partial"
        torch.save({"optimizer": optimizer.state_dict(), "step": step, "elapsed": elapsed, "seen": seen}, partial)
        partial.replace(state_path)

    # Another seed for each part of a run that was resumed: no part sees the same draws again.
    next_batch = feed.batches(draw_of, seed + step, workers)
    log = open(out / "log.jsonl", "a")
    last, last_save, window, window_tokens, window_seconds = clock(), elapsed, 0.0, 0, 0.0
    while elapsed < minutes * 60:
        loss, tokens = loss_of(model, feed.to_device(next_batch(), device))
        loss.backward()
        norm = optimizer.step(rate_scale(elapsed / (minutes * 60)))
        now = clock()
        spent, last = now - last, now
        elapsed, step, seen = elapsed + spent, step + 1, seen + tokens
        window, window_tokens, window_seconds = window + loss.detach(), window_tokens + tokens, window_seconds + spent
        if step % LOG_STEPS == 0:
            line = {"step": step, "minutes": round(elapsed / 60, 2), "loss": round(float(window) / LOG_STEPS, 4), "norm": round(float(norm), 2),
                    "tokens": seen, "tokens_per_second": round(window_tokens / window_seconds)}  # fmt: skip
            if device.type == "cuda":
                # Against the dense bf16 peak of an H100 or H200; attention's own products are left out.
                line["utilisation"] = round(6 * parameters * window_tokens / window_seconds / PEAK_FLOPS, 3)
            print(json.dumps(line), flush=True)
            log.write(json.dumps(line) + "\n")
            log.flush()
            window, window_tokens, window_seconds = 0.0, 0, 0.0
        if elapsed - last_save > CHECKPOINT_SECONDS:
            save()
            last_save, last = elapsed, clock()
    save()
    model.to("cpu")
    result = {"step": step, "minutes": round(elapsed / 60, 2), "tokens": seen} | validate(models.load(out))
    print(json.dumps(result), flush=True)
    log.write(json.dumps(result) + "\n")
