"""Trains the tokenizer: python scripts/train_tokenizer.py --corpus work/corpus --out work/tokenizer.json"""

import argparse
import random
from pathlib import Path

from lacuna_training import corpus, tokenizer

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=Path("work/corpus"))
    parser.add_argument("--out", type=Path, default=Path("work/tokenizer.json"))
    parser.add_argument("--megabytes", type=float, default=60, help="how much text to learn from")
    arguments = parser.parse_args()
    files = corpus.read_files(arguments.corpus / "train.jsonl")
    random.Random(0).shuffle(files)
    texts, size = [], 0
    for file in files:
        texts.append(file.text)
        size += len(file.text)
        if size > arguments.megabytes * 1e6:
            break
    trained = tokenizer.train(texts)
    trained.save(str(arguments.out))
    held_out = corpus.read_files(arguments.corpus / "validation.jsonl")
    characters = sum(len(file.text) for file in held_out)
    tokens = sum(len(trained.encode(file.text).ids) for file in held_out)
    print(f"{trained.get_vocab_size()} tokens, {characters / tokens:.3f} characters a token on held-out files")
