"""Text the verifier itself writes, for the drafter to learn from.

A draft is worth as much as the verifier agrees with it, so the drafter learns the verifier's own greedy
continuations and not only what people wrote (DEER, arXiv 2512.15176, stage I).
"""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lacuna_training.model import Qwen2
from lacuna_training.samples import Stream, StreamSource
from lacuna_training.specials import EOS, FIM_MIDDLE, ID

# Room for the middle of a prompt that ends at its hole.
LONGEST_MIDDLE_TOKENS = 64


@torch.no_grad()
def greedy(model: Qwen2, prompts: Tensor, length: int) -> Tensor:
    """Continues prompts [batch, prompt] greedily; returns [batch, length], EOS and then only EOS after an end.

    As the engine does, it writes no special token but the end.

    The marker that tells the verifier where its text begins is put behind the prompts here, and is in neither.
    """
    caches: list[list] = [[] for _ in model.layers]
    marked = torch.nn.functional.pad(prompts, (0, 1), value=ID[FIM_MIDDLE])
    hidden = model(marked, caches=caches)
    done = torch.zeros(len(prompts), dtype=torch.bool, device=prompts.device)
    written = []
    never = [token for token in ID.values() if token != ID[EOS]]
    for position in range(marked.shape[1], marked.shape[1] + length):
        logits = model.logits(hidden[:, -1])
        logits[:, never] = float("-inf")
        token = logits.argmax(dim=-1)
        token = torch.where(done, ID[EOS], token)
        done |= token == ID[EOS]
        written.append(token)
        if bool(done.all()):
            break
        hidden = model(token[:, None], positions=torch.tensor([[position]], device=prompts.device), caches=caches)
    missing = length - len(written)
    return torch.nn.functional.pad(torch.stack(written, dim=1), (0, missing), value=ID[EOS])


def draw_prompts(source: StreamSource, batch: int, length: int) -> Tensor:
    """[batch, length]: streams cut after `length` tokens of which at least 8 are prefix; half of them at their hole."""
    prompts: list[list[int]] = []
    while len(prompts) < batch:
        at_hole = len(prompts) % 2 == 0
        stream = source.draw(length + LONGEST_MIDDLE_TOKENS if at_hole else 2 * length)
        if at_hole and stream.ends and length <= stream.middle and stream.start + 8 <= length:
            # The start of the prefix goes, and its end, where the hole is, stays.
            prefix = stream.tokens[stream.start : stream.middle][stream.start - length :]
            prompts.append([*stream.tokens[: stream.start], *prefix])
        elif not at_hole and stream.start + 8 <= length <= len(stream.tokens) - 2:
            prompts.append(stream.tokens[:length])
    return torch.tensor(prompts)


class AnswerSource:
    """Streams of prompt and answer, read from files that scripts/generate_answers.py wrote; canvases go into the answer."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._random = random.Random(seed)
        self._rows: dict[int, list[tuple[np.ndarray, int]]] = {}
        for path in sorted(folder.glob("*.npz")):
            with np.load(path) as part:
                rows, prompt = part["tokens"].astype(np.int64), int(part["prompt_length"])
            self._rows.setdefault(rows.shape[1], []).extend((row, prompt) for row in rows)
        if not self._rows:
            raise FileNotFoundError(f"no answers in {folder}")

    def draw(self, length: int) -> Stream:
        """An answer with its prompt, of the longest kind that fits `length`."""
        fitting = max((size for size in self._rows if size <= length), default=min(self._rows))
        row, prompt = self._random.choice(self._rows[fitting])
        tokens = row.tolist()
        if ID[EOS] in tokens[prompt:]:
            tokens = tokens[: tokens.index(ID[EOS], prompt) + 1]
        return Stream(tokens[:length], prompt, prompt, False, [])
