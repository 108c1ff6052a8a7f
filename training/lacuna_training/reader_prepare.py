"""What the reader's training starts from: the verifier as it ships, the head's tokens, held-out texts, the copies of layers."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from lacuna_training import fill_rows, frozen_verifier, reader_data, reader_export, reader_fit, reader_measures
from lacuna_training import reader as reader_module
from lacuna_training.autoregressive import network_of
from lacuna_training.flat_adam import flat_slices
from lacuna_training.frozen_verifier import FrozenVerifier
from lacuna_training.reader import Reader, ReaderConfig
from lacuna_training.reader_plan import Plan


# Rows, of some 250 tokens each, that a reader is fitted on before its training; at a hidden size of 1,536 they take 4 GB.
FIT_ROWS = 240


def reads_of(plan: Plan, layers: int) -> tuple[int, ...]:
    if plan.reads:
        return tuple(int(part) for part in plan.reads.split(","))
    return tuple(min(layers - 1, int(share * layers)) for share in (0.43, 0.715, 0.935))


@dataclass
class Prepared:
    """Made once, and read before the workers are forked."""

    verifier: FrozenVerifier
    tokenizer: Tokenizer
    layout: reader_data.Layout
    config: ReaderConfig
    head_tokens: Tensor
    units: list[Tensor]
    scales: tuple[Tensor, Tensor]
    held_out: reader_measures.HeldOut
    files: list


def prepare(plan: Plan) -> Prepared:
    """Reads `plan.out`/prepared.pt, or makes it: head, layers, what is left of their MLPs, held-out texts."""
    dtype = torch.bfloat16
    verifier = frozen_verifier.load(plan.verifier, dtype, plan.weights).to(plan.device)
    if verifier.uses_kernels(32):
        verifier.packed()
    tokenizer = Tokenizer.from_file(str(plan.verifier / "tokenizer.json"))
    layout = reader_data.read_layout(plan.verifier, tokenizer)
    files = fill_rows.read_shards(plan.shards / "train")
    path = plan.out / "prepared.pt"
    exported = Path(plan.start) if plan.start and reader_export.is_export(Path(plan.start)) else None
    if plan.start and exported is None and not path.exists():  # the same head and texts, even if the corpus has grown
        path.write_bytes((Path(plan.start) / "prepared.pt").read_bytes())
    digest = frozen_verifier.checkpoint_hash(plan.verifier)
    if path.exists():
        kept = torch.load(path, weights_only=True)
        if (kept["verifier"], kept["weights"]) != (digest, plan.weights):
            raise ValueError(f"{plan.out} holds a run for another verifier, or for other weights of it")
        rows = [reader_data.LaidOut(**row) for row in kept["rows"]]
        held_out = reader_measures.HeldOut(rows, kept["texts"])
        config = ReaderConfig.of_run(kept["config"], verifier.shape)
        return Prepared(verifier, tokenizer, layout, config, kept["head_tokens"].to(plan.device), kept["units"], kept["scales"], held_out, files)
    always = sorted({*layout.suffix, *layout.prefix, *layout.middle, *layout.ends} - {-1})
    reads = reads_of(plan, verifier.shape.layers)
    units = plan.units or min(2560, verifier.shape.intermediate // 2)
    if exported is not None:
        config, head_tokens = reader_export.config_of(exported, verifier.shape)
    else:
        count = min(plan.head_tokens, verifier.shape.vocabulary)
        head_tokens = reader_data.frequent_tokens(files, tokenizer, count, always, plan.seed, 6000)
        config = ReaderConfig(verifier.shape, reads, units, len(head_tokens), plan.rank, is_autoregressive=plan.autoregressive)
    source = reader_data.RowSource(files, tokenizer, layout)
    some = reader_data.padded([row.tokens for row in source.rows(f"{plan.seed} units", 8)[0]]).to(plan.device)
    chosen = [] if exported else [kept.cpu() for kept in reader_module.important_units(verifier, some, reads, units)]
    scales = reader_module.input_scales(verifier, some)
    unseen = reader_data.RowSource(fill_rows.read_shards(plan.shards / "validation"), tokenizer, layout)
    begun = time.monotonic()
    rows = [row for row in unseen.rows("held out", plan.held_out)[0] if row.middle > row.text]
    held_out = reader_measures.write_texts(verifier, rows, layout, plan.held_out_tokens)
    written = sum(map(len, held_out.texts))
    print(f"{len(rows)} held-out texts of {written} tokens in {time.monotonic() - begun:.0f} s", flush=True)
    settings = config.described() | {"shape": asdict(verifier.shape)}
    kept = {"verifier": digest, "weights": plan.weights, "config": settings, "head_tokens": head_tokens.cpu(), "units": chosen, "scales": scales}
    kept |= {"rows": [vars(row) for row in held_out.rows], "texts": held_out.texts}
    torch.save(kept, plan.out / "prepared.partial")
    (plan.out / "prepared.partial").replace(path)
    return Prepared(verifier, tokenizer, layout, config, head_tokens.to(plan.device), chosen, scales, held_out, files)


def untrained(plan: Plan, prepared: Prepared) -> Reader:
    """The reader that training begins with, fp32."""
    verifier = prepared.verifier
    network = network_of(prepared.config).attach(verifier, prepared.head_tokens.cpu(), prepared.scales)
    network.frozen = tuple(part.cpu() if isinstance(part, Tensor) else part for part in network.frozen)
    reader_module.initialize(network, verifier, prepared.layout.ends[0], torch.Generator().manual_seed(plan.seed))
    source = reader_data.RowSource(prepared.files, prepared.tokenizer, prepared.layout)
    rows = [torch.tensor(row.tokens, device=plan.device) for row in source.rows(f"{plan.seed} fit", FIT_ROWS)[0]]
    begun = time.monotonic()
    right = reader_fit.fit(network, verifier, prepared.units, rows)
    print(f"fitted in {time.monotonic() - begun:.0f} s: {right:.1%} of the places that it was fitted on are right", flush=True)
    return network


def bound_reader(prepared: Prepared, weights: Tensor, gradient: Tensor | None) -> Reader:
    """A reader whose parameters, and their gradients, are views into flat vectors."""
    with torch.device("meta"):
        network = network_of(prepared.config)
    for name, part in flat_slices(network):
        path, _, leaf = name.rpartition(".")
        owner = network.get_submodule(path)
        shape = getattr(owner, leaf).shape
        parameter = nn.Parameter(weights[part].view(shape), requires_grad=gradient is not None)
        if gradient is not None:
            parameter.grad = gradient[part].view(shape)
        setattr(owner, leaf, parameter)
    return network.attach(prepared.verifier, prepared.head_tokens, prepared.scales)
