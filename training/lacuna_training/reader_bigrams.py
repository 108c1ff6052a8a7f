"""What the sequential head begins with: which token follows which, counted in training files and brought to low rank.

A slot of a draft does not know the token before it; the sequential head tells it. From nothing it learns that slowly: it sees each pair
of tokens as rarely as text has it, while counting a few million of them takes seconds.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy
import torch
from scipy import sparse
from scipy.sparse.linalg import svds
from tokenizers import Tokenizer
from torch import Tensor

from lacuna_training import fill_rows
from lacuna_training.corpus import SourceFile

PIECES, PIECE = 5000, 6000
# A token's followers are reckoned with as if so many drawn by their frequency alone had been seen beside the counted ones.
PRIOR = 20.0


def count_pairs(files: Sequence[SourceFile], tokenizer: Tokenizer, class_of: Tensor, classes: int, seed: int) -> sparse.csr_array:
    """[classes, classes]: how often one class, of `class_of` [vocabulary], follows another in `PIECES` pieces drawn as rows are."""
    rng = random.Random(f"{seed} pairs")
    names = class_of.cpu().numpy()
    total = sparse.csr_array((classes, classes), dtype=numpy.float64)
    drawn = rng.choices(files, cum_weights=fill_rows.cumulative_weights(files), k=PIECES)
    for at in range(0, len(drawn), 500):
        befores, afters = [], []
        for file in drawn[at : at + 500]:
            begin = rng.randrange(max(1, len(file.text) - PIECE))
            ids = names[tokenizer.encode(file.text[begin : begin + PIECE], add_special_tokens=False).ids]
            befores.append(ids[:-1])
            afters.append(ids[1:])
        before, after = numpy.concatenate(befores), numpy.concatenate(afters)
        total += sparse.csr_array((numpy.ones(len(before)), (before, after)), shape=(classes, classes))
    return total


def factors(pairs: sparse.csr_array, rank: int) -> tuple[Tensor, Tensor]:
    """previous, following, both [classes, rank]: following @ previous[a] is about how much likelier, in nats, each class is behind a
    than elsewhere; classes that are no likelier, about 0."""
    befores, afters = pairs.sum(1), pairs.sum(0)
    frequency = afters / afters.sum()
    seen = pairs.tocoo()
    behind = (seen.data + PRIOR * frequency[seen.col]) / (befores[seen.row] + PRIOR)
    excess = numpy.log(behind / frequency[seen.col])
    kept = excess > 0
    matrix = sparse.csr_array((excess[kept], (seen.row[kept], seen.col[kept])), shape=pairs.shape)
    left, sizes, right = svds(matrix, k=rank, rng=numpy.random.default_rng(1))
    root = numpy.sqrt(sizes)
    return torch.from_numpy(left * root).float(), torch.from_numpy(right.T * root).float()
