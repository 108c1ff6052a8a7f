"""Cuts the vocabulary of a checkpoint, and of a run that began from it, to what code uses:

python scripts/trim_vocabulary.py --initial FOLDER --shards work/shards --size 24576 --out FOLDER [--run work/bundled]

The checkpoint is written to `--out`; state.pt of the run is replaced, so that training goes on with `--initial OUT`.
"""

import argparse
import json
import random
from pathlib import Path

import torch

from lacuna_training import fill_rows, llama, vocabulary
from lacuna_training.flat_adam import flat_slices

PIECES, PIECE_CHARACTERS = 12_000, 3000

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--initial", type=Path, required=True)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--run", type=Path)
    arguments = parser.parse_args()
    rng = random.Random(3)
    files = fill_rows.read_shards(arguments.shards / "train")
    texts = []
    for file in rng.choices(files, cum_weights=fill_rows.cumulative_weights(files), k=PIECES):
        begin = rng.randrange(max(1, len(file.text) - PIECE_CHARACTERS))
        texts.append(file.text[begin : begin + PIECE_CHARACTERS])
    del files
    tokenizer = (arguments.initial / "tokenizer.json").read_text()
    kept = vocabulary.kept_ids(tokenizer, texts, arguments.size)
    model = llama.load(arguments.initial)
    old = model.config.vocab_size
    state = model.state_dict() | {"embed_tokens.weight": model.embed_tokens.weight.detach()[torch.tensor(kept)]}
    config = llama.Config(**model.config.__dict__ | {"vocab_size": len(kept)})
    llama.save(state, config, arguments.out, torch.float32)
    (arguments.out / "tokenizer.json").write_text(vocabulary.trimmed_tokenizer(tokenizer, kept))
    if arguments.run is not None:
        saved = torch.load(arguments.run / "state.pt", weights_only=True)
        if flat_slices(model)[0][0] != "embed_tokens.weight":
            raise SystemExit("the embedding is not the first of the run's parameters")
        for name in ("masters", "first", "second", "average"):
            saved[name] = vocabulary.trimmed_vector(saved[name], kept, old, config.hidden_size)
        torch.save(saved, arguments.run / "state.partial")
        (arguments.run / "state.partial").replace(arguments.run / "state.pt")
    print(json.dumps({"tokens": len(kept), "before": old}))
