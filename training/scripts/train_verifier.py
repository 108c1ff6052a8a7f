"""Trains the verifier: python scripts/train_verifier.py --minutes 60 --out work/verifier"""

import argparse
import math
import shutil
from collections.abc import Callable
from pathlib import Path

import torch

from lacuna_training import corpus, losses, model, samples, specials, tokenizer, trainer, verifier_rows

VALIDATION_TOKENS = 766

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--corpus", type=Path, default=Path("work/corpus"))
    parser.add_argument("--tokenizer", type=Path, default=Path("work/tokenizer.json"))
    parser.add_argument("--out", type=Path, default=Path("work/verifier"))
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--context", type=int, default=2048)
    parser.add_argument("--batch-tokens", type=int, default=6144)
    parser.add_argument("--initial", type=Path, help="a checkpoint to start from instead of chance")
    parser.add_argument("--muon-rate", type=float, default=3e-3)
    parser.add_argument("--adam-rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=0, help="processes that draw batches; 0 is a thread, enough for a CPU")
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)

    bpe = tokenizer.load(arguments.tokenizer)
    config = model.Config(
        hidden_size=arguments.hidden, num_hidden_layers=arguments.layers, num_attention_heads=arguments.hidden // 64,
        intermediate_size=arguments.hidden * 3, vocab_size=bpe.get_vocab_size(), max_position_embeddings=arguments.context,
    )  # fmt: skip
    files = corpus.read_files(arguments.corpus / "train.jsonl")

    def draw_of(seed: int) -> Callable[[], tuple]:
        source = samples.StreamSource(files, bpe, seed)
        return verifier_rows.VerifierRows(source, arguments.batch_tokens, arguments.context, seed).draw

    network = model.Qwen2(config)
    if arguments.initial is not None:
        network.load_state_dict(model.load(arguments.initial).state_dict())

    def loss_of(network: model.Qwen2, batch: tuple) -> tuple:
        tokens, targets, weights = batch
        return losses.weighted_loss(network, network(tokens), targets, weights), tokens.numel()

    def validate(network: model.Qwen2) -> dict:
        """Bits per byte of plain continuation on the held-out packages, the first tokens of each file."""
        bits, size = 0.0, 0
        with torch.no_grad():
            for file in corpus.read_files(arguments.corpus / "validation.jsonl"):
                ids = bpe.encode(file.text).ids[:VALIDATION_TOKENS]
                tokens = torch.tensor([[specials.ID[specials.FIM_SUFFIX], specials.ID[specials.FIM_PREFIX], *ids]])
                hidden = network(tokens)[:, 1:-1]
                bits += float(losses.weighted_loss(network, hidden, tokens[:, 2:])) * len(ids) / math.log(2)
                size += len(bpe.decode(ids, skip_special_tokens=False).encode())
        return {"validation_bits_per_byte": round(bits / size, 4)}

    arguments.out.mkdir(parents=True, exist_ok=True)
    shutil.copy(arguments.tokenizer, arguments.out / "tokenizer.json")
    trainer.run(
        network, draw_of, loss_of, arguments.out, arguments.minutes,
        arguments.muon_rate, arguments.adam_rate, validate, {"lacuna_role": "verifier"}, arguments.seed, arguments.workers,
    )  # fmt: skip
