"""Lets the verifier continue prompts from the training files: python scripts/generate_answers.py --minutes 10"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from lacuna_training import answers, corpus, model, samples, tokenizer

# With their answers they fill the contexts of diffuser_rows.
PROMPT_LENGTHS = (96, 256, 256, 640)
ANSWER_TOKENS = 64

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--from", dest="verifier", type=Path, default=Path("work/verifier"))
    parser.add_argument("--corpus", type=Path, default=Path("work/corpus"))
    parser.add_argument("--out", type=Path, default=Path("work/answers"))
    parser.add_argument("--batch", type=int, default=64)
    arguments = parser.parse_args()

    arguments.out.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = model.load(arguments.verifier).to(device, torch.bfloat16)
    bpe = tokenizer.load(arguments.verifier / "tokenizer.json")
    part = len(list(arguments.out.glob("*.npz")))
    source = samples.StreamSource(corpus.read_files(arguments.corpus / "train.jsonl"), bpe, seed=1000 + part)
    begin, tokens = time.monotonic(), 0
    while time.monotonic() - begin < arguments.minutes * 60:
        length = PROMPT_LENGTHS[part % len(PROMPT_LENGTHS)]
        prompts = answers.draw_prompts(source, arguments.batch, length).to(device)
        written = answers.greedy(network, prompts, ANSWER_TOKENS)
        rows = torch.cat([prompts, written], dim=1).cpu().numpy().astype(np.uint16)
        np.savez(arguments.out / f"{part:05}.npz", tokens=rows, prompt_length=length)
        part, tokens = part + 1, tokens + written.numel()
        print(f"{part} batches, {tokens / (time.monotonic() - begin):.0f} tokens/s", flush=True)
