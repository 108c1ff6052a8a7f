"""Many texts written side by side by a frozen verifier, each row in a place of its own: a row that ends makes room for the next prompt."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from lacuna_training.frozen_verifier import FrozenVerifier, rotary

# A token is drawn among so many of the likeliest.
CANDIDATES = 24


class Sampler:
    """Reads and writes one token of each of `rows` texts a step: a prompt is read as it is, what follows is drawn."""

    def __init__(self, verifier: FrozenVerifier, rows: int, room: int, temperature: float, least_share: float, seed: int) -> None:
        """@param room tokens of a text with its prompt; @param least_share a token less likely than this share of the likeliest is not drawn"""
        shape = verifier.shape
        self._verifier, self._rows, self._room = verifier, rows, room
        self._temperature, self._least = temperature, least_share
        self._random = torch.Generator().manual_seed(seed)
        size = (rows, shape.kv_heads, room, shape.head_dim)
        self._caches = [(torch.zeros(size, dtype=torch.bfloat16), torch.zeros(size, dtype=torch.bfloat16)) for _ in verifier.layers]
        self._lengths = torch.zeros(rows, dtype=torch.long)

    def write(self, prompt: Callable[[int], list[int]], ends: frozenset[int]) -> Iterator[tuple[int, list[int]]]:
        """Rows and what was written in them, for ever, in the order in which texts end: at one of `ends`, which is left out, or where room ends.

        @param prompt gives the next prompt of a row, once its last text was taken
        """
        waiting = [prompt(row)[::-1] for row in range(self._rows)]
        written: list[list[int]] = [[] for _ in waiting]
        tokens = [each.pop() for each in waiting]
        while True:
            drawn = self._step(torch.tensor(tokens)).tolist()
            for row, token in enumerate(drawn):
                if waiting[row]:
                    tokens[row] = waiting[row].pop()
                    continue
                is_full = int(self._lengths[row]) >= self._room
                if token not in ends and not is_full:
                    written[row].append(token)
                    tokens[row] = token
                    continue
                yield row, written[row]
                waiting[row], written[row] = prompt(row)[::-1], []
                tokens[row] = waiting[row].pop()
                self._lengths[row] = 0

    @torch.no_grad()
    def _step(self, tokens: Tensor) -> Tensor:
        """tokens [rows] are read, each at its row's end; what is drawn behind them [rows]."""
        verifier, shape, rows = self._verifier, self._verifier.shape, torch.arange(self._rows)
        x, lengths = verifier.embed_tokens(tokens), self._lengths
        cos, sin = rotary(shape, lengths[:, None], x.dtype)
        longest = int(lengths.max()) + 1
        seen = (torch.arange(longest)[None] <= lengths[:, None])[:, None, None]
        packed = verifier.packed()
        for index, (layer, (keys, values)) in enumerate(zip(verifier.layers, self._caches, strict=True)):
            q, k, v = layer.rotated(packed[index].qkv(x)[:, None], cos, sin)
            keys[rows, :, lengths], values[rows, :, lengths] = k[:, :, 0], v[:, :, 0]
            # Queries that share keys stand as the places of one head.
            grouped = q.reshape(self._rows, shape.kv_heads, -1, shape.head_dim)
            attended = F.scaled_dot_product_attention(grouped, keys[:, :, :longest], values[:, :, :longest], attn_mask=seen)
            x = packed[index].finish(x, attended.reshape(self._rows, -1))
        self._lengths = lengths + 1
        scores, candidates = verifier.scores(verifier.norm(x)).float().topk(CANDIDATES)
        chances = torch.softmax(scores / self._temperature, -1)
        # The likeliest stands first.
        chosen = torch.multinomial(chances.masked_fill(chances < self._least * chances[:, :1], 0), 1, generator=self._random)
        return candidates.gather(1, chosen)[:, 0]
