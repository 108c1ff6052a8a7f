"""What the reader is compared with: the same network, which writes one token a pass, in EAGLE's manner (arXiv 2401.15077, 2503.01840).

A place has the token before it, decided, and the network's own final state of the place before that, as the verifier's last hidden state stands at
the anchor; it sees the cache before the anchor and the places of its canvas up to itself. Training unrolls the passes over real tokens,
and its gradient goes back through the states, as EAGLE-3 does it. A draft of seven tokens is seven passes.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from lacuna_training.frozen_verifier import rotary
from lacuna_training.reader import DRAFT, Reader, ReaderConfig, attend


class Autoregressive(Reader):
    def forward(
        self, inputs: Tensor, lengths: Tensor, anchors: Tensor, keys_values: list, last: Tensor, role: int, guesses: Tensor | None = None
    ) -> Tensor:
        """As `Reader.forward`, for inputs that are all decided."""
        own: list = [None] * len(self.layers)
        states = []
        for place in range(inputs.shape[-1]):
            last = self._place(place, inputs[..., place], anchors, keys_values, last, role, own)
            states.append(last)
        return torch.stack(states, 2)

    def _place(self, place: int, tokens: Tensor, anchors: Tensor, keys_values: list, last: Tensor, role: int, own: list) -> Tensor:
        """One pass: the final states [rows, canvases, hidden] at `place`. `own` has each layer's K, V of the canvases so far; it is added to."""
        rows, canvases = tokens.shape
        embedding, norm, _ = self.frozen
        x = self.input_map(F.embedding(tokens, embedding) / self.token_scale) + self.hidden_map(last / self.state_scale)
        x = x + self.slots[place] + self.roles[role]
        cos, sin = rotary(self.config.shape, anchors + place, x.dtype)
        seen = torch.ones(rows, canvases, place + 1, dtype=torch.bool, device=tokens.device)
        for index, (layer, (keys, values)) in enumerate(zip(self.layers, keys_values, strict=True)):
            q, *new = layer.project(x, cos, sin)
            now = [part[:, :, :, None] for part in new]
            own[index] = now if own[index] is None else [torch.cat(both, 3) for both in zip(own[index], now, strict=True)]
            x = layer.finish(x, attend(q, *(part.flatten(2, 3) for part in own[index]), keys, values, anchors, seen))
        return norm(x)

    @torch.no_grad()
    def draft_behind(self, known: Tensor, anchors: Tensor, keys_values: list, last: Tensor, slots: int) -> tuple[Tensor, Tensor]:
        own: list = [None] * len(self.layers)
        tokens, certainties, last = [known], [], last[None]
        for place in range(slots):
            last = self._place(place, tokens[-1][None], anchors[None], keys_values, last, DRAFT, own)
            before = self.before(self.class_of[tokens[-1]])
            tokens.append(self.token_of[self.logits(last[0], before)[:, :-1].argmax(-1)])
            certainties.append(self.certainty(last[0], before))
        return torch.stack(tokens[1:], 1), torch.stack(certainties, 1)


def network_of(config: ReaderConfig) -> Reader:
    return Autoregressive(config) if config.is_autoregressive else Reader(config)
