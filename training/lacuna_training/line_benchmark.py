"""HumanEval-Infilling by a model in PyTorch: greedy, batched, run in a sandboxed process. For measuring only."""

from __future__ import annotations

import gzip
import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from tokenizers import Tokenizer

from lacuna_training import bf16_kernels, llama
from lacuna_training.fill_rows import Markers

SECONDS = 3.0
MEMORY_BYTES = 1 << 30
LONGEST = 48
LINE_END = "Ċ"  # a line break in a byte-level token


def read_rows(path: Path, count: int = 0, seed: int = 7) -> list[dict]:
    """All rows, or `count` of them by a seeded choice."""
    with gzip.open(path, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    return random.Random(seed).sample(rows, count) if 0 < count < len(rows) else rows


def prompt_of(row: dict, tokenizer: Tokenizer, markers: Markers) -> list[int]:
    encode = lambda text: tokenizer.encode(text, add_special_tokens=False).ids if text else []  # noqa: E731
    return [markers.suffix, *encode(row["suffix"]), markers.prefix, *encode(row["prompt"]), markers.middle]


@torch.no_grad()
def greedy(model: llama.Llama, prompts: Sequence[list[int]], stops: frozenset[int], end: int, longest: int = LONGEST) -> list[list[int]]:
    """The greedy continuation of each prompt, up to and with a token of `stops`; `end` itself is left out."""
    device = model.embed_tokens.weight.device
    lengths = torch.tensor([len(prompt) for prompt in prompts], device=device)
    width = (int(lengths.max()) + 31) // 32 * 32
    tokens = torch.tensor([prompt + [end] * (width - len(prompt)) for prompt in prompts], device=device)
    if device.type == "cpu" and model.norm.weight.dtype == torch.bfloat16 and bf16_kernels.is_supported():
        hidden, caches = bf16_kernels.read(model, tokens)
    else:
        caches = [[] for _ in model.layers]
        causal = torch.ones(width, width, dtype=torch.bool, device=device).tril()
        hidden = model(tokens, mask=causal[None, None], caches=caches)
    hidden = hidden[torch.arange(len(prompts)), lengths - 1]
    seen = torch.arange(width, device=device)[None] < lengths[:, None]  # what follows a prompt in its row is padding
    answers: list[list[int]] = [[] for _ in prompts]
    alive = [True] * len(prompts)
    for step in range(longest):
        chosen = model.logits(hidden).argmax(-1).tolist()
        for index, token in enumerate(chosen):
            if alive[index] and token != end:
                answers[index].append(token)
            alive[index] = alive[index] and token not in stops and token != end
        if not any(alive):
            break
        seen = torch.cat([seen, torch.ones(len(prompts), 1, dtype=torch.bool, device=device)], 1)
        hidden = model(torch.tensor(chosen, device=device)[:, None], (lengths + step)[:, None], seen[:, None, None], caches)[:, 0]
    return answers


def answers(
    model: llama.Llama, tokenizer: Tokenizer, rows: Sequence[dict], is_line: bool, batch: int = 32, markers: Markers = Markers()
) -> list[str]:
    """The middle of each row; for single-line rows up to and with the first line break, one added if there is none."""
    vocabulary = tokenizer.get_vocab()
    stops = frozenset(index for token, index in vocabulary.items() if LINE_END in token) if is_line else frozenset()
    prompts = [prompt_of(row, tokenizer, markers) for row in rows]
    order = sorted(range(len(rows)), key=lambda index: len(prompts[index]))
    texts = [""] * len(rows)
    for begin in range(0, len(order), batch):
        part = order[begin : begin + batch]
        for index, ids in zip(
            part, greedy(model, [prompts[i] for i in part], stops, markers.end, LONGEST if is_line else 2 * LONGEST), strict=True
        ):
            text = tokenizer.decode(ids, skip_special_tokens=False)
            texts[index] = text.split("\n", 1)[0] + "\n" if is_line else text
    return texts


def passes(row: dict, middle: str) -> bool:
    """Whether the row's tests run clean with `middle` filled in, in a process of its own without much time or memory."""
    program = f"{row['prompt']}{middle}{row['suffix']}\n{row['test']}\ncheck({row['entry_point']})\n"

    def limits() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (int(SECONDS) + 1, int(SECONDS) + 1))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-S", "-"], input=program.encode(errors="replace"), cwd=folder, env={}, timeout=4 * SECONDS,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=limits,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == 0


def score(rows: Sequence[dict], middles: Sequence[str]) -> dict:
    """Shares of rows that pass and that are exact."""
    with ThreadPoolExecutor(2) as pool:
        passed = list(pool.map(passes, rows, middles))
    exact = [middle == row["canonical_solution"] for row, middle in zip(rows, middles, strict=True)]
    return {"rows": len(rows), "pass": round(sum(passed) / len(rows), 4), "exact": round(sum(exact) / len(rows), 4)}


def held_out_loss(model: llama.Llama, batches: Iterator, markers: Markers = Markers()) -> dict[str, float]:
    """Nats a token of middle and end, by language, of rows of the held-out packages; `batches` gives lists of rows."""
    sums: dict[str, list[float]] = {}
    with torch.no_grad():
        for rows in batches:
            width = max(len(row.tokens) for row in rows)
            tokens = torch.tensor([row.tokens + [markers.end] * (width - len(row.tokens)) for row in rows])
            hidden = model(tokens)
            for index, row in enumerate(rows):
                logits = model.logits(hidden[index, row.middle - 1 : len(row.tokens) - 1]).float()
                loss = torch.nn.functional.cross_entropy(logits, torch.tensor(row.tokens[row.middle :]), reduction="sum")
                for key in (row.language, "all"):
                    entry = sums.setdefault(key, [0.0, 0])
                    entry[0] += float(loss)
                    entry[1] += len(row.tokens) - row.middle
    return {key: round(total / count, 4) for key, (total, count) in sorted(sums.items())}
