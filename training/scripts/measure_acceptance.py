"""Tokens per verify of diffusers on held-out Python: python scripts/measure_acceptance.py work/diffuser [ANOTHER ...]

All diffusers draft for the same verifier texts; with several, the gain of each over the first has a paired interval.
"""

import argparse
import json
import random
from pathlib import Path

import torch

from lacuna_training import acceptance, answers, corpus, model, samples, tokenizer
from lacuna_training.acceptance import Walk
from lacuna_training.specials import EOS, ID

RESAMPLES = 2000


def per_verify(walks: list[Walk]) -> float:
    return sum(walk.tokens for walk in walks) / sum(walk.verifies for walk in walks)


def interval(values: list[float]) -> list[float]:
    ordered = sorted(values)
    return [round(ordered[int(0.025 * len(ordered))], 3), round(ordered[int(0.975 * len(ordered))], 3)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("diffusers", type=Path, nargs="+")
    parser.add_argument("--verifier", type=Path, default=Path("work/verifier"))
    parser.add_argument("--corpus", type=Path, default=Path("work/corpus"))
    parser.add_argument("--prompts", type=int, default=96)
    parser.add_argument("--prompt-tokens", type=int, default=256)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--block", type=int, default=16)
    parser.add_argument("--temperature", type=float, default=0.0)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()

    verifier = model.load(arguments.verifier)
    bpe = tokenizer.load(arguments.verifier / "tokenizer.json")
    files = [file for file in corpus.read_files(arguments.corpus / "validation.jsonl") if file.language == "python"]
    source = samples.StreamSource(files, bpe, 4321)
    prompts = answers.draw_prompts(source, arguments.prompts, arguments.prompt_tokens)
    texts = answers.greedy(verifier, prompts, arguments.tokens).tolist()
    texts = [text[: text.index(ID[EOS]) + 1] if ID[EOS] in text else text for text in texts]

    walks: dict[str, list[Walk]] = {}
    for folder in arguments.diffusers:
        diffuser = model.load(folder)
        generator = torch.Generator().manual_seed(5)
        walks[str(folder)] = [
            acceptance.walk_greedily(diffuser, prompt, text, arguments.block)
            if arguments.temperature == 0
            else acceptance.walk_sampling(verifier, diffuser, prompt, arguments.tokens, arguments.block, arguments.temperature, generator)
            for prompt, text in zip(prompts.tolist(), texts, strict=True)
        ]
    rng = random.Random(6)
    draws = [[rng.randrange(arguments.prompts) for _ in range(arguments.prompts)] for _ in range(RESAMPLES)]
    first = walks[str(arguments.diffusers[0])]
    results = []
    for name, own in walks.items():
        resampled = [per_verify([own[index] for index in draw]) for draw in draws]
        base = [per_verify([first[index] for index in draw]) for draw in draws]
        results.append({
            "diffuser": name, "tokens_per_verify": round(per_verify(own), 3), "interval": interval(resampled),
            "accepted_per_verify": round(per_verify(own) - 1, 3), "tokens": sum(walk.tokens for walk in own),
            "gain_over_first": round(per_verify(own) - per_verify(first), 3),
            "gain_interval": interval([a - b for a, b in zip(resampled, base, strict=True)]),
        })  # fmt: skip
        print(json.dumps(results[-1]))
    if arguments.out:
        settings = {key: value for key, value in vars(arguments).items() if isinstance(value, (int, float))}
        arguments.out.write_text(json.dumps({"settings": settings, "results": results}, indent=1))
