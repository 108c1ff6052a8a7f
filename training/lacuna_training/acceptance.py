"""How many tokens a verify gives when a diffuser drafts: the verifier's own text is walked block by block.

Greedy, a block gives the drafted tokens that equal the verifier's text up to the first that does not, and one token
of the verifier's own. Sampling, a drafted token stands with probability min(1, p/q) (arXiv 2211.17192); the walk then
follows the text that results.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from lacuna_training import model
from lacuna_training.specials import EOS, ID, MASK, SEP


@dataclass
class Walk:
    """One text: tokens it holds and verifies it took."""

    tokens: int = 0
    verifies: int = 0


@torch.no_grad()
def draft_logits(diffuser: model.Qwen2, sequence: list[int], length: int) -> Tensor:
    """[length, vocabulary]: one pass over masks behind `sequence`."""
    tokens = torch.tensor([[*sequence, *[ID[MASK]] * length, ID[SEP]]])
    size, anchor = tokens.shape[1], len(sequence)
    allowed = torch.ones(size, size, dtype=torch.bool).tril()
    allowed[anchor:, anchor:] = True
    mask = torch.zeros(allowed.shape).masked_fill_(~allowed, float("-inf"))[None, None]
    hidden = diffuser(tokens, mask=mask)[0, anchor : anchor + length]
    return diffuser.logits(hidden).float()


def walk_greedily(diffuser: model.Qwen2, prompt: list[int], text: list[int], block: int) -> Walk:
    """`text` is what the verifier writes behind `prompt` without drafts, EOS included if it ends."""
    walk = Walk()
    while walk.tokens < len(text):
        rest = text[walk.tokens :]
        draft = draft_logits(diffuser, prompt + text[: walk.tokens], block).argmax(dim=-1).tolist()
        accepted = 0
        while accepted < min(block, len(rest)) and draft[accepted] == rest[accepted]:
            accepted += 1
        walk.tokens += min(accepted + 1, len(rest))
        walk.verifies += 1
    return walk


@torch.no_grad()
def walk_sampling(verifier: model.Qwen2, diffuser: model.Qwen2, prompt: list[int], length: int, block: int, temperature: float,
                  generator: torch.Generator) -> Walk:  # fmt: skip
    """Speculative sampling of `length` tokens behind `prompt`, or up to the end."""
    walk, sequence = Walk(), list(prompt)
    while walk.tokens < length and (walk.tokens == 0 or sequence[-1] != ID[EOS]):
        q = (draft_logits(diffuser, sequence, block) / temperature).softmax(dim=-1)
        draft = torch.multinomial(q, 1, generator=generator)[:, 0].tolist()
        hidden = verifier(torch.tensor([sequence + draft]))[0, len(sequence) - 1 :]
        p = (verifier.logits(hidden).float() / temperature).softmax(dim=-1)
        accepted = 0
        while accepted < block:
            token = draft[accepted]
            ratio = float(p[accepted, token] / q[accepted, token])
            if float(torch.rand((), generator=generator)) >= ratio:
                break
            accepted += 1
        rest = (p[accepted] - q[accepted]).clamp_min(0) if accepted < block else p[block]
        following = int(torch.multinomial(rest / rest.sum(), 1, generator=generator))
        new = [*draft[:accepted], following]
        new = new[: new.index(ID[EOS]) + 1] if ID[EOS] in new else new
        sequence += new
        walk.tokens += len(new)
        walk.verifies += 1
    return walk
