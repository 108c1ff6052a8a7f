"""Runs of one verifier's drafters on the same held-out texts: tokens a verify, with intervals, and how much more than the first of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import torch

from lacuna_training.autoregressive import network_of
from lacuna_training.flat_adam import flat_slices
from lacuna_training.frozen_verifier import FrozenVerifier
from lacuna_training.reader import Reader, ReaderConfig
from lacuna_training.reader_measures import HeldOut, drafts, walk

RESAMPLES = 2000


def open_run(run: Path, verifier: FrozenVerifier) -> Reader:
    """The averaged weights of a run, in the verifier's precision."""
    prepared = torch.load(run / "prepared.pt", weights_only=True)
    average = torch.load(run / "state.pt", weights_only=True, mmap=True)["average"].to(verifier.norm.weight.dtype)
    config = ReaderConfig.of_run(prepared["config"], verifier.shape)
    with torch.device("meta"):
        network = network_of(config)
    shapes = {name: parameter.shape for name, parameter in network.named_parameters()}
    state = {name: average[part].view(shapes[name]) for name, part in flat_slices(network)}
    network.load_state_dict(state, assign=True)
    return network.requires_grad_(False).attach(verifier, prepared["head_tokens"], prepared["scales"])


def walked(network: Reader, verifier: FrozenVerifier, held_out: HeldOut, slots: int) -> list[tuple[int, int]]:
    """(tokens, verifies) of each text."""
    return [walk(own, text) for own, text in zip(drafts(network, verifier, held_out, slots), held_out.texts, strict=True)]


def tokens_a_verify(counts: Sequence[tuple[int, int]]) -> float:
    return sum(tokens for tokens, _ in counts) / max(1, sum(verifies for _, verifies in counts))


def compared(counts: Sequence[Sequence[tuple[int, int]]], seed: int = 1) -> list[dict]:
    """For each drafter, counts of the same texts: `tau`, and from the second on `more` than the first; 95 % by bootstrap over texts."""
    rng = random.Random(seed)
    texts = range(len(counts[0]))
    drawn = [rng.choices(texts, k=len(texts)) for _ in range(RESAMPLES)]
    taus = [[tokens_a_verify([own[text] for text in sample]) for sample in drawn] for own in counts]
    lines = []
    for at, own in enumerate(counts):
        line = {"tau": round(tokens_a_verify(own), 3), "interval": _interval(taus[at])}
        if at > 0:
            more = [mine - first for mine, first in zip(taus[at], taus[0], strict=True)]
            line |= {"more": round(tokens_a_verify(own) - tokens_a_verify(counts[0]), 3), "more_interval": _interval(more)}
        lines.append(line)
    return lines


def _interval(values: list[float]) -> list[float]:
    ordered = sorted(values)
    return [round(ordered[int(share * (len(ordered) - 1))], 3) for share in (0.025, 0.975)]
