"""Every decoder, written plainly: no cache, no batch, one full pass for each look at the model, temperature 0.

Slow and easy to read: the engine's decoders are compared with these token by token. A canvas is a list of slots, each a
token or None while undecided.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from lacuna_training.model import Qwen2
from lacuna_training.specials import EOS, EXPAND, ID, MASK, SEP

Slots = list[int | None]
STRICT_MARGIN = 1e-12


@dataclass
class Trace:
    """What a decoder wrote, the canvas after each pass, and the passes it took."""

    tokens: list[int] = field(default_factory=list)
    steps: list[Slots] = field(default_factory=list)
    forwards: int = 0


@dataclass(frozen=True)
class Hole:
    """Token ids before the hole, behind a canvas whose length is meant, and behind one whose slots may split or go."""

    context: list[int]
    tail: list[int]
    flexible_tail: list[int]
    max_tokens: int
    forbidden: list[int]
    line_breaks: frozenset[int] = frozenset()
    penalty: Callable[[list[int]], float] = lambda middle: 0.0


@torch.no_grad()
def next_logits(verifier: Qwen2, sequence: list[int]) -> Tensor:
    """[vocabulary]: what follows `sequence`; of special tokens only the end can."""
    row = verifier.logits(verifier(torch.tensor([sequence]))[0, -1]).double()
    row[[token for token in ID.values() if token != ID[EOS]]] = float("-inf")
    return row


@torch.no_grad()
def canvas_logits(diffuser: Qwen2, context: list[int], slots: Slots, tail: list[int]) -> Tensor:
    """[slots, vocabulary]: context tokens see what is before them, canvas tokens see everything."""
    canvas = [ID[MASK] if slot is None else slot for slot in slots] + tail
    size, start = len(context) + len(canvas), len(context)
    allowed = torch.ones(size, size, dtype=torch.bool).tril()  # [queries, keys]
    allowed[start:, start:] = True
    mask = torch.zeros(allowed.shape).masked_fill_(~allowed, float("-inf"))[None, None]
    hidden = diffuser(torch.tensor([context + canvas]), mask=mask)[0, start : start + len(slots)]
    return diffuser.logits(hidden).double()


def negative_entropy(logits: Tensor) -> float:
    """sum p ln p of one row, [vocabulary]."""
    log_p = logits.log_softmax(dim=-1)
    return float((log_p.exp() * log_p).sum())


def best_token(logits: Tensor, forbidden: list[int]) -> int:
    row = logits.clone()
    row[forbidden] = float("-inf")
    return int(row.argmax())


def autoregressive(verifier: Qwen2, prompt: list[int], max_tokens: int) -> Trace:
    trace, sequence = Trace(), list(prompt)
    while len(trace.tokens) < max_tokens:
        trace.forwards += 1
        token = int(next_logits(verifier, sequence).argmax())
        if token == ID[EOS]:
            break
        sequence.append(token)
        trace.tokens.append(token)
    return trace


def deer(verifier: Qwen2, diffuser: Qwen2, prompt: list[int], max_tokens: int, block: int) -> Trace:
    """A block of drafts from one pass, kept up to the first that is not the verifier's own choice, which then follows.

    The trace's steps are the tokens of each round.
    """
    trace, sequence, ended = Trace(), list(prompt), False
    while not ended and len(trace.tokens) < max_tokens:
        length = min(block, max_tokens - len(trace.tokens) - 1)
        draft = canvas_logits(diffuser, sequence, [None] * length, [ID[SEP]]).argmax(dim=-1).tolist() if length else []
        if ID[EOS] in draft:
            draft = draft[: draft.index(ID[EOS]) + 1]
        trace.forwards += 1
        written: list[int] = []
        for drafted in [*draft, None]:
            token = int(next_logits(verifier, sequence + written).argmax())
            if token == ID[EOS]:
                ended = True
                break
            written.append(token)
            if token != drafted:
                break
        sequence += written
        trace.tokens += written
        trace.steps.append(list(written))
    return trace


def fixed_length(diffuser: Qwen2, hole: Hole, length: int) -> Trace:
    """One slot a pass, the one of the highest negative entropy."""
    trace, slots = Trace(), [None] * length
    while None in slots:
        logits = canvas_logits(diffuser, hole.context, slots, hole.tail)
        trace.forwards += 1
        slot = most_confident(logits, slots)
        slots[slot] = best_token(logits[slot], hole.forbidden)
        trace.steps.append(list(slots))
    trace.tokens = list(slots)
    return trace


def most_confident(logits: Tensor, slots: Slots) -> int:
    undecided = [index for index, slot in enumerate(slots) if slot is None]
    return max(undecided, key=lambda index: (negative_entropy(logits[index]), -index))


def dream_on(diffuser: Qwen2, hole: Hole, length: int, most_slots: int) -> Trace:
    """DreamOn: as `fixed_length`, but EXPAND makes two slots of one and EOS drops the slot and every undecided one behind it."""
    trace, slots, growth = Trace(), [None] * length, 2 * most_slots
    others = [token for token in hole.forbidden if token not in (ID[EOS], ID[EXPAND])]
    while None in slots:
        logits = canvas_logits(diffuser, hole.context, slots, hole.flexible_tail)
        trace.forwards += 1
        can_grow = len(slots) < most_slots and growth > 0
        slot = most_confident(logits, slots)
        token = best_token(logits[slot], others if can_grow else [*others, ID[EXPAND]])
        if token == ID[EXPAND]:
            slots.insert(slot, None)
            growth -= 1
        elif token == ID[EOS]:
            kept = [each for index, each in enumerate(slots) if index < slot or each is not None]
            if len(kept) >= 1:
                slots = kept
            else:
                slots[slot] = best_token(logits[slot], hole.forbidden)
        else:
            slots[slot] = token
        trace.steps.append(list(slots))
    trace.tokens = list(slots)
    return trace


def probe(diffuser: Qwen2, hole: Hole, committed: list[int], length: int) -> tuple[float, float, Tensor]:
    """Mean negative entropy and mean largest probability of an all-mask canvas, and the logits of its first slot."""
    logits = canvas_logits(diffuser, hole.context + committed, [None] * length, hole.tail)
    confidence = sum(negative_entropy(row) for row in logits) / length
    return confidence, float(logits.softmax(dim=-1).amax(dim=-1).mean()), logits[0]


def length_regularized(diffuser: Qwen2, hole: Hole, most_slots: int) -> Trace:
    """LR-DLLM. A pass scores all the lengths that are new to it."""
    trace, committed = Trace(), []
    longest = min(hole.max_tokens, most_slots)
    probes = {1 << power: probe(diffuser, hole, [], 1 << power)[0] for power in range(8) if 1 << power <= longest}
    trace.forwards += 1
    drift = least_squares_slope([math.log(length) for length in probes], list(probes.values()))
    scores = {length: value - drift * math.log(length) for length, value in probes.items()}
    length = min(scores, key=lambda each: (-round(scores[each], 12), each))
    trace.steps.append([None] * length)
    while length > 0 and len(committed) < hole.max_tokens:
        limit = min(longest, hole.max_tokens - len(committed))
        length = min(length, limit)
        seen: dict[int, tuple[float, Tensor]] = {}
        while True:
            new = [near for near in (length - 1, length, length + 1) if 1 <= near <= limit and near not in seen]
            for near in new:
                confidence, _, first = probe(diffuser, hole, committed, near)
                seen[near] = (confidence - drift * math.log(near), first)
            trace.forwards += bool(new)
            best = length
            for near in (length - 1, length + 1):
                if near in seen and seen[near][0] > seen[best][0] + (STRICT_MARGIN if best == length else 0):
                    best = near
            if best == length:
                break
            length = best
            if new:
                trace.steps.append([*committed, *[None] * length])
        committed.append(best_token(seen[length][1], hole.forbidden))
        length -= 1
        trace.steps.append([*committed, *[None] * length])
    trace.tokens = committed
    return trace


def least_squares_slope(x: list[float], y: list[float]) -> float:
    if len(x) < 2:
        return 0.0
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    covariance = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return covariance / sum((a - mean_x) ** 2 for a in x)


def calibrated(diffuser: Qwen2, hole: Hole, bias: Callable[[int], float], most_slots: int, first: int = 16, most_misses: int = 4) -> Trace:
    """CAL: climbs from `first` up and down on mean largest probability over bias, then fills the best length."""
    most = min(hole.max_tokens, most_slots)
    first = min(first, most)

    def score(length: int) -> float:
        return probe(diffuser, hole, [], length)[1] / bias(length)

    scores = {first: score(first)}
    passes = 1
    sides = [{"way": way, "at": first, "best": scores[first], "misses": 0} for way in (1, -1)]
    steps: list[Slots] = []
    while True:
        still = [side for side in sides if side["misses"] < most_misses and 1 <= side["at"] + side["way"] <= most]
        if not still:
            break
        passes += 1
        for side in still:
            side["at"] += side["way"]
            value = scores[side["at"]] = score(side["at"])
            side["misses"] = 0 if value > side["best"] else side["misses"] + 1
            side["best"] = max(side["best"], value)
        steps.append([None] * max(scores, key=lambda length: scores[length]))
    trace = fixed_length(diffuser, hole, max(scores, key=lambda length: scores[length]))
    return Trace(trace.tokens, steps + trace.steps, passes + trace.forwards)


def by_blocks(diffuser: Qwen2, hole: Hole, block: int, threshold: float) -> Trace:
    """dLLM-Var: blocks of masks, every slot above `threshold` a pass, else the surest; ends at EOS."""
    trace, done, ended = Trace(), [], False
    endable = [token for token in hole.forbidden if token != ID[EOS]]
    while not ended and len(done) < hole.max_tokens:
        slots: Slots = [None] * min(block, hole.max_tokens - len(done))
        while None in slots:
            logits = canvas_logits(diffuser, hole.context + done, slots, hole.tail if ended else [ID[SEP]])
            trace.forwards += 1
            sure = []
            for index, slot in enumerate(slots):
                token = best_token(logits[index], endable)
                if slot is None and float(logits[index].softmax(dim=-1)[token]) >= threshold:
                    sure.append(index)
            for index in sure or [most_confident(logits, slots)]:
                if index >= len(slots):
                    break
                token = best_token(logits[index], endable)
                if token == ID[EOS] and len(done) + index < 1:
                    token = best_token(logits[index], hole.forbidden)
                if token == ID[EOS]:
                    slots, ended = slots[:index], True
                else:
                    slots[index] = token
            trace.steps.append([*done, *slots])
        done += slots
    trace.tokens = done
    return trace


def adaptive(verifier: Qwen2, diffuser: Qwen2, hole: Hole, most_slots: int, sure: float = 0.8, most_steps: int = 8) -> Trace:
    """Ours. The verifier's own middle and its cuts; LR-DLLM's scores twice, coarse and fine; four lengths side by side; its judgement."""
    trace = Trace()
    own = own_middles(verifier, hole)
    longest = min(hole.max_tokens, most_slots, max(8, 2 * max(map(len, own))) if own else most_slots)
    coarse = {1 << power: probe(diffuser, hole, [], 1 << power)[0] for power in range(8) if 1 << power <= longest}
    drift = least_squares_slope([math.log(length) for length in coarse], list(coarse.values()))

    def ranked(confidences: dict[int, float]) -> list[int]:
        return sorted(confidences, key=lambda length: (-round(confidences[length] - drift * math.log(length), 12), length))

    centre = ranked(coarse)[0]
    added, away = [], 1
    while len(added) < 8 and away < centre:
        added += [length for length in (centre - away, centre + away) if centre / 2 < length <= longest]
        away += 1
    fine = {length: probe(diffuser, hole, [], length)[0] for length in added if length not in coarse}
    rivals: list[Slots] = [[None] * length for length in ranked(coarse | fine)[:4]]
    # Lengths that are new to a pass are scored in one.
    trace.forwards = 1 + bool(fine)
    trace.steps.append(list(rivals[0]))
    while any(None in slots for slots in rivals):
        trace.forwards += 1
        for slots in rivals:
            if None in slots:
                commit_sure(diffuser, hole, slots, sure, math.ceil(len(slots) / most_steps))
        trace.steps.append(list(rivals[0]))
    middles: list[list[int]] = []
    for slots in rivals:
        if slots not in middles:
            middles.append(slots)
    middles += [middle for middle in own if middle not in middles]
    trace.tokens = max(middles, key=lambda middle: log_probability(verifier, hole.context, middle) - hole.penalty(middle))
    trace.steps.append(list(trace.tokens))
    return trace


def own_middles(verifier: Qwen2, hole: Hole) -> list[list[int]]:
    """What the verifier writes in the hole, whole if it ends, and cut before and behind its first three line breaks."""
    own = autoregressive(verifier, hole.context, hole.max_tokens).tokens
    breaks = [index for index, token in enumerate(own) if token in hole.line_breaks][:3]
    cuts = [length for index in breaks for length in (index, index + 1)] + [len(own)] * (len(own) < hole.max_tokens)
    middles: list[list[int]] = []
    for length in cuts:
        if length > 0 and own[:length] not in middles and not set(own[:length]) & set(hole.forbidden):
            middles.append(own[:length])
    return middles


def commit_sure(diffuser: Qwen2, hole: Hole, slots: Slots, sure: float, least: int) -> None:
    """Decides every slot of at least the probability `sure`, or else the `least` slots of highest negative entropy."""
    logits = canvas_logits(diffuser, hole.context, slots, hole.tail)
    undecided = [index for index, slot in enumerate(slots) if slot is None]
    chosen = [index for index in undecided if float(logits[index].softmax(dim=-1)[best_token(logits[index], hole.forbidden)]) >= sure]
    if len(chosen) < least:
        chosen = sorted(undecided, key=lambda index: (-negative_entropy(logits[index]), index))[:least]
    for index in chosen:
        slots[index] = best_token(logits[index], hole.forbidden)


def text_penalty(before: str, middle: str, after: str) -> float:
    """What a middle loses as text: four nats for each bracket without partner, twenty where it is white space alone."""
    return 4.0 * unmatched_brackets(before + middle + after) + (20.0 if middle.strip() == "" else 0.0)


def unmatched_brackets(text: str) -> int:
    """Brackets without partner; what stands in quotes on one line does not count, a lone quote takes the rest of its line."""
    partner = {"(": ")", "[": "]", "{": "}"}
    open_ones: list[str] = []
    unmatched, at = 0, 0
    while at < len(text):
        character = text[at]
        if character in "\"'`":
            at += 1
            while at < len(text) and text[at] != character and text[at] != "\n":
                at += 2 if text[at] == "\\" else 1
        elif character in partner:
            open_ones.append(partner[character])
        elif character in partner.values():
            if open_ones and open_ones[-1] == character:
                open_ones.pop()
            else:
                unmatched += 1
        at += 1
    return unmatched + len(open_ones)


def log_probability(verifier: Qwen2, context: list[int], middle: list[int]) -> float:
    """Of the middle and of its end."""
    sequence = list(context)
    total = 0.0
    for token in [*middle, ID[EOS]]:
        total += float(next_logits(verifier, sequence).log_softmax(dim=-1)[token])
        sequence.append(token)
    return total
