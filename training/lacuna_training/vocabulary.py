"""A vocabulary cut down to what code uses: fewer rows in the embedding and the head, hardly more tokens in a text.

What is left of a byte-level BPE is one: special tokens, single bytes, and each token that is kept together with all that it is merged from.
Special tokens keep their ids, which must be the first; the others keep their order.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

import torch
from tokenizers import Tokenizer
from torch import Tensor


def _merges(spec: dict) -> list[tuple[str, str]]:
    return [(first, second) for first, second in (merge.split(" ") if isinstance(merge, str) else merge for merge in spec["model"]["merges"])]


def kept_ids(tokenizer: str, texts: Iterable[str], size: int) -> list[int]:
    """Ids of the `size` tokens, or up to a few less, that are the most frequent in `texts` with what they are merged from; ascending.

    tokenizer: the text of a tokenizer.json with a BPE model.
    """
    spec = json.loads(tokenizer)
    vocabulary: dict[str, int] = spec["model"]["vocab"]
    parts = {first + second: (first, second) for first, second in reversed(_merges(spec))}
    names = {index: token for token, index in vocabulary.items()}
    encodings = Tokenizer.from_str(tokenizer).encode_batch(list(texts), add_special_tokens=False)
    counts = Counter(index for encoding in encodings for index in encoding.ids)
    kept = {token for token in vocabulary if token not in parts}
    # What the sample lacks follows in the order of the merges, which is by frequency in the text the tokenizer was made of.
    order = [names[index] for index, _ in counts.most_common()]
    order += sorted((token for token in parts if token in vocabulary and vocabulary[token] not in counts), key=vocabulary.__getitem__)
    for token in order:
        missing, waiting = set(), [token]
        while waiting:
            each = waiting.pop()
            if each not in kept and each not in missing:
                missing.add(each)
                waiting += parts[each]
        if len(kept) + len(missing) <= size:
            kept |= missing
        if len(kept) == size:
            break
    return sorted(vocabulary[token] for token in kept)


def trimmed_tokenizer(tokenizer: str, kept: list[int]) -> str:
    """tokenizer.json with the tokens of `kept` alone, numbered anew in that order. @raises ValueError where a special token would change its id"""
    spec = json.loads(tokenizer)
    new = {old: index for index, old in enumerate(kept)}
    if any(new.get(token["id"]) != token["id"] for token in spec["added_tokens"]):
        raise ValueError("special tokens must be the first of a vocabulary and be kept")
    vocabulary = {token: new[index] for token, index in spec["model"]["vocab"].items() if index in new}
    spec["model"]["vocab"] = vocabulary
    spec["model"]["merges"] = [
        [first, second]
        for first, second in _merges(spec)
        if {first, second, first + second} <= vocabulary.keys()
    ]
    return json.dumps(spec, ensure_ascii=False)


def trimmed_vector(flat: Tensor, kept: list[int], vocabulary: int, hidden: int) -> Tensor:
    """A flat vector of all parameters (`flat_adam.flat_slices`), whose embedding [vocabulary, hidden] comes first, with the rows of `kept` alone."""
    rows = flat[: vocabulary * hidden].view(vocabulary, hidden)[torch.tensor(kept)]
    return torch.cat([rows.flatten(), flat[vocabulary * hidden :]])
