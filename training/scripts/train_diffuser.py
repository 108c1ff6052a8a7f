"""Trains the diffuser: python scripts/train_diffuser.py --stage distil --minutes 40 --from work/verifier --out work/diffuser

It starts from every n-th layer of the verifier, whose context format it shares, or with --initial from another diffuser.
"""

import argparse
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from lacuna_training import answers, corpus, diffuser_rows, losses, model, samples, tokenizer, trainer
from lacuna_training.slot_accuracy import slot_accuracy


def thinned(verifier: model.Qwen2, layers: int) -> model.Qwen2:
    """A copy of the verifier with `layers` of its layers, evenly chosen, first and last among them."""
    depth = verifier.config.num_hidden_layers
    chosen = [round(index * (depth - 1) / (layers - 1)) for index in range(layers)]
    thin = model.Qwen2(replace(verifier.config, num_hidden_layers=layers))
    thin.embed_tokens.load_state_dict(verifier.embed_tokens.state_dict())
    thin.norm.load_state_dict(verifier.norm.state_dict())
    for target, index in zip(thin.layers, chosen, strict=True):
        target.load_state_dict(verifier.layers[index].state_dict())
    return thin


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--stage", choices=diffuser_rows.STAGES, default="distil")
    parser.add_argument("--from", dest="verifier", type=Path, default=Path("work/verifier"))
    parser.add_argument("--initial", type=Path, help="a diffuser to go on from")
    parser.add_argument("--corpus", type=Path, default=Path("work/corpus"))
    parser.add_argument("--answers", type=Path, help="the verifier's own text, from generate_answers.py")
    parser.add_argument("--out", type=Path, default=Path("work/diffuser"))
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--batch-tokens", type=int, default=8192)
    parser.add_argument("--muon-rate", type=float, default=2e-3)
    parser.add_argument("--adam-rate", type=float, default=1.5e-3)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--workers", type=int, default=0, help="processes that draw batches; 0 is a thread, enough for a CPU")
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)

    bpe = tokenizer.load(arguments.verifier / "tokenizer.json")
    if arguments.initial is None:
        network = thinned(model.load(arguments.verifier), arguments.layers)
    else:
        network = model.load(arguments.initial)

    files = corpus.read_files(arguments.corpus / "train.jsonl")

    def draw_of(seed: int) -> Callable[[], diffuser_rows.DiffuserBatch]:
        source = samples.StreamSource(files, bpe, seed)
        own = answers.AnswerSource(arguments.answers, seed) if arguments.answers else None
        mixture = diffuser_rows.STAGES[arguments.stage]
        context = network.config.max_position_embeddings
        return diffuser_rows.DiffuserRows(source, arguments.batch_tokens, context, seed, mixture, own).draw

    def loss_of(network: model.Qwen2, batch: diffuser_rows.DiffuserBatch) -> tuple:
        hidden = network(batch.tokens, batch.positions, batch.mask(torch.bfloat16))
        return losses.weighted_loss(network, hidden, batch.targets, batch.weights), batch.tokens.numel()

    def validate(network: model.Qwen2) -> dict:
        source = samples.StreamSource(corpus.read_files(arguments.corpus / "validation.jsonl"), bpe, 1234)
        return slot_accuracy(network, source)

    arguments.out.mkdir(parents=True, exist_ok=True)
    shutil.copy(arguments.verifier / "tokenizer.json", arguments.out / "tokenizer.json")
    trainer.run(
        network, draw_of, loss_of, arguments.out, arguments.minutes,
        arguments.muon_rate, arguments.adam_rate, validate, {"lacuna_role": "diffuser"}, arguments.seed, arguments.workers,
    )  # fmt: skip
