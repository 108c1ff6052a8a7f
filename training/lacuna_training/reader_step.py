"""One batch of the reader's training: prefill, labels, both roles, the loss to go backward from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from lacuna_training.frozen_verifier import FrozenVerifier
from lacuna_training.reader import DRAFT, INFILL, MASK, Reader
from lacuna_training.reader_data import END, NOTHING, Canvases, ReaderBatch, labelled
from lacuna_training.reader_loss import slot_loss
from lacuna_training.reader_measures import read_canvases

STAGES = ("plain", "boundary")
# Of a draft's slots behind the verifier's run of real text, what the real tokens count in stage I.
REAL_WEIGHT = 0.5
# What of a draft's slot is learned from the verifier's own distribution over its likeliest tokens, and not from its target alone.
SOFT_SHARE, SOFT_TOKENS = 0.7, 8
# Stage II: slot i counts FALL^(i-1), and what lies behind the run nothing.
FALL = 0.8
SUMS = ("draft", "draft_weight", "infill", "infill_weight", "first_right", "firsts", "slots", "rows")


@dataclass
class Outcome:
    """`loss` is a sum, to be divided by `sums["draft_weight"] + sums["infill_weight"]`; `sums` [len(SUMS)], fp64."""

    loss: Tensor
    sums: Tensor


def classes_of(reader: Reader, tokens: Tensor) -> Tensor:
    """Head classes of token ids, END and NOTHING; NOTHING where the head lacks the token."""
    tokens_classes = reader.class_of[tokens.clamp(min=0)]
    outside = (tokens == NOTHING) | (tokens_classes > reader.config.head_tokens)
    return torch.where(tokens == END, reader.config.head_tokens, torch.where(outside, NOTHING, tokens_classes))


@dataclass
class Labels:
    """Of slots [rows, canvases, slots]: `targets` are token ids, END or NOTHING, `weights` what they count.

    `tokens` and `shares` [rows, canvases, slots, count] are what else is learned there, beside the target; shares sum to SOFT_SHARE or 0.
    """

    targets: Tensor
    weights: Tensor
    tokens: Tensor
    shares: Tensor


def hard_labels(canvases: Canvases) -> Labels:
    nothing = canvases.targets.new_zeros(*canvases.targets.shape, 0)
    return Labels(canvases.targets, canvases.weights, nothing, nothing.float())


def draft_labels(reader: Reader, hidden: Tensor, canvases: Canvases, stage: str) -> Labels:
    """From the verifier's hidden states [rows, length, hidden]: runs of its arg-max, and its distribution after the real tokens."""
    slots = canvases.targets.shape[-1]
    places = canvases.anchors[..., None] + torch.arange(slots, device=hidden.device)
    wanted = canvases.targets != NOTHING
    places = places.clamp(max=hidden.shape[1] - 1)
    needed = torch.zeros(hidden.shape[:2], dtype=torch.bool, device=hidden.device)
    rows = torch.arange(len(hidden), device=hidden.device)[:, None, None].expand_as(places)
    needed[rows[wanted], places[wanted]] = True
    tokens = torch.full((*hidden.shape[:2], SOFT_TOKENS), NOTHING, device=hidden.device)
    shares = torch.zeros(*hidden.shape[:2], SOFT_TOKENS, device=hidden.device)
    tokens[needed], shares[needed] = reader.likeliest(hidden[needed], SOFT_TOKENS)
    tokens, shares = tokens[rows, places], shares[rows, places]
    targets, weights = labelled(canvases, tokens[..., 0], REAL_WEIGHT if stage == "plain" else 0.0)
    if stage == "boundary":
        weights = weights * FALL ** torch.arange(slots, device=hidden.device)
    return Labels(targets, weights, tokens, SOFT_SHARE * shares / shares.sum(-1, keepdim=True).clamp(min=1e-6))


def mixed(reader: Reader, targets: Tensor, tokens: Tensor, shares: Tensor) -> tuple[Tensor, Tensor]:
    """Classes and shares [slots, 1 + count] of targets [slots], classes, with tokens [slots, count]; what the head lacks counts nothing."""
    others = classes_of(reader, tokens)
    shares = torch.where(others == NOTHING, 0.0, shares)
    own = 1 - shares.sum(-1, keepdim=True)
    return torch.cat([targets[:, None], others.clamp(min=0)], -1), torch.cat([own, shares], -1)


def outcome(reader: Reader, verifier: FrozenVerifier, batch: ReaderBatch, stage: str) -> Outcome:
    reading = verifier.read(batch.tokens, list(reader.config.reads))
    sums = torch.zeros(len(SUMS), dtype=torch.float64)
    loss = torch.zeros((), device=batch.tokens.device)
    parts = (
        (DRAFT, batch.draft, draft_labels(reader, reading.hidden, batch.draft, stage)),
        (INFILL, batch.infill, hard_labels(batch.infill)),
    )
    for at, (role, canvases, labels) in enumerate(parts):
        if canvases.targets.numel() == 0:
            continue
        if role == DRAFT:  # from left to right, so what stands before a slot is known
            real = torch.cat([canvases.inputs[..., :1], canvases.targets[..., :-1]], -1)
            shown = replace(canvases, inputs=real.clamp(min=0)) if reader.config.is_autoregressive else canvases
        else:
            real, shown = canvases.inputs[..., :-1], canvases
        hidden = read_canvases(reader, reading, shown, role)[:, :, : canvases.targets.shape[-1]]
        targets, weights = classes_of(reader, labels.targets), labels.weights
        previous = torch.where(real == MASK, -1, reader.class_of[real.clamp(min=0)])
        learned = (targets != NOTHING) & (weights > 0)
        goals, shares = mixed(reader, targets[learned], labels.tokens[learned], labels.shares[learned])
        total, cross_entropy, right = slot_loss(reader, hidden[learned], previous[learned], goals, shares, weights[learned])
        loss = loss + total
        sums[2 * at] += float(cross_entropy)
        sums[2 * at + 1] += float(weights[learned].sum())
        sums[6] += int(learned.sum())
        if role == DRAFT:
            first = torch.zeros_like(learned)
            first[..., 0] = True
            # A first slot that the head lacks is wrong.
            sums[4] += int(right[first[learned]].sum())
            sums[5] += int((canvases.targets[..., 0] != NOTHING).sum())
    sums[7] += len(batch.tokens)
    return Outcome(loss, sums)
