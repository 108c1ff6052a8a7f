"""An exported reader beside its verifier, and rows that neither has seen: what measures of it begin with."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from tokenizers import Tokenizer

from lacuna_training import fill_rows, frozen_verifier, reader_data, reader_export
from lacuna_training.frozen_verifier import FrozenVerifier
from lacuna_training.reader import Reader
from lacuna_training.reader_data import Layout, RowSource


def open_exported(export: Path, checkpoint: Path, shards: Path) -> tuple[FrozenVerifier, Reader, RowSource]:
    """In bf16; rows are of `shards`/validation. @raises ValueError where the reader is another verifier's"""
    belongs = json.loads((export / "reader.json").read_text())["verifier"]
    verifier = frozen_verifier.load(checkpoint, torch.bfloat16, belongs["weights"])
    reader = reader_export.load(export, verifier, belongs["sha256"])
    return verifier, reader, unseen_rows(checkpoint, shards)[1]


def unseen_rows(checkpoint: Path, shards: Path) -> tuple[Layout, RowSource]:
    """How prompts of a verifier are laid out, and rows of `shards`/validation laid out so."""
    tokenizer = Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    layout = reader_data.read_layout(checkpoint, tokenizer)
    return layout, RowSource(fill_rows.read_shards(shards / "validation"), tokenizer, layout)
