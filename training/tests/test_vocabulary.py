import json

import pytest
import torch
from tokenizers import Tokenizer

from lacuna_training import gguf_checkpoint, llama, vocabulary
from lacuna_training.flat_adam import flat_slices

ALPHABET = sorted("abdefrt ()Ġ:")
TOKENS = ["<|endoftext|>", *ALPHABET, "de", "def", "Ġa", "re", "ret", "ab"]
MERGES = ["d e", "de f", "Ġ a", "r e", "re t", "a b"]


def tokenizer():
    return gguf_checkpoint.tokenizer_of(TOKENS, [3] + [1] * (len(TOKENS) - 1), MERGES).to_str()


def test_what_texts_use_is_kept_with_what_it_is_merged_from():
    kept = vocabulary.kept_ids(tokenizer(), ["def def"], len(ALPHABET) + 1 + 2)
    assert [TOKENS[index] for index in kept] == ["<|endoftext|>", *ALPHABET, "de", "def"]


def test_what_is_left_encodes_everything_and_decodes_to_the_same():
    kept = vocabulary.kept_ids(tokenizer(), ["def def"], len(ALPHABET) + 1 + 2)
    trimmed = Tokenizer.from_str(vocabulary.trimmed_tokenizer(tokenizer(), kept))
    assert trimmed.encode("def ret(ab)").tokens == ["def", "Ġ", "r", "e", "t", "(", "a", "b", ")"]
    assert trimmed.decode(trimmed.encode("def ret(ab)").ids) == "def ret(ab)"
    assert trimmed.encode("a<|endoftext|>").ids[-1] == 0


def test_room_that_texts_do_not_need_goes_to_the_first_merges():
    kept = vocabulary.kept_ids(tokenizer(), ["def"], len(ALPHABET) + 1 + 3)
    assert "Ġa" in [TOKENS[index] for index in kept]


def test_a_special_token_that_would_move_is_refused():
    spec = json.loads(tokenizer())
    with pytest.raises(ValueError, match="special tokens"):
        vocabulary.trimmed_tokenizer(json.dumps(spec), list(range(1, len(TOKENS))))


def test_a_flat_vector_keeps_the_rows_of_the_tokens_and_all_else():
    config = llama.Config(hidden_size=192, num_hidden_layers=1, num_attention_heads=3, num_key_value_heads=1, intermediate_size=32, vocab_size=8)
    model = llama.Llama(config)
    slices = flat_slices(model)
    parameters = dict(model.named_parameters())
    flat = torch.cat([parameters[name].detach().flatten() for name, _ in slices])
    trimmed = vocabulary.trimmed_vector(flat, [0, 3, 5], 8, 192)
    assert torch.equal(trimmed[: 3 * 192].view(3, 192), model.embed_tokens.weight[[0, 3, 5]])
    assert torch.equal(trimmed[3 * 192 :], flat[8 * 192 :])
