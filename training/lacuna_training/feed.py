"""Batches drawn beside the training: in a thread for a CPU, in processes for a GPU, which a thread cannot keep fed."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator

import torch
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

DrawOf = Callable[[int], Callable[[], object]]
"""From a seed to a function that draws a batch."""


class _Draws(IterableDataset):
    def __init__(self, draw_of: DrawOf, seed: int) -> None:
        self._draw_of, self._seed = draw_of, seed

    def __iter__(self) -> Iterator[object]:
        worker = get_worker_info()
        draw = self._draw_of(self._seed + 1000 * (worker.id if worker else 0))
        while True:
            yield draw()


def batches(draw_of: DrawOf, seed: int, workers: int, depth: int = 4) -> Callable[[], object]:
    """A function that gives the next batch; `workers` processes draw, or one thread when it is 0."""
    if workers > 0:
        loader = DataLoader(_Draws(draw_of, seed), batch_size=None, num_workers=workers, prefetch_factor=depth, multiprocessing_context="fork")
        return iter(loader).__next__
    draw = draw_of(seed)
    ready: queue.Queue = queue.Queue(maxsize=depth)

    def fill() -> None:
        while True:
            ready.put(draw())

    threading.Thread(target=fill, daemon=True).start()
    return ready.get


def to_device(batch: object, device: torch.device) -> object:
    """A batch with its tensors on `device`: tensors in a row, or something with a `to` of its own."""
    if isinstance(batch, (tuple, list)):
        return tuple(part.to(device, non_blocking=True) for part in batch)
    return batch.to(device)
