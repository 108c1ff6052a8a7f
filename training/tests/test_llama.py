import os

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from lacuna_training import bf16_kernels, gguf_checkpoint, llama

TINY = llama.Config(hidden_size=192, num_hidden_layers=2, num_attention_heads=3, num_key_value_heads=1, intermediate_size=320, vocab_size=512)


def tiny(seed=0):
    torch.manual_seed(seed)
    model = llama.Llama(TINY)
    for parameter in model.parameters():
        if parameter.dim() == 2:
            torch.nn.init.normal_(parameter, std=0.06)
    return model


def test_a_saved_model_is_read_back_under_hugging_face_s_names(tmp_path):
    model = tiny()
    llama.save(model.state_dict(), TINY, tmp_path, torch.float32)
    tokens = torch.arange(40)[None]
    assert torch.equal(llama.load(tmp_path)(tokens), model(tokens))
    assert "model.layers.1.self_attn.k_proj.weight" in llama.to_hugging_face(model.state_dict(), TINY)


def test_written_out_attention_is_the_flash_kernel_s():
    q, k, v = (torch.randn(2, heads, 33, 64) for heads in (6, 2, 2))
    expected = torch.nn.functional.scaled_dot_product_attention(q, k.repeat_interleave(3, 1), v.repeat_interleave(3, 1), is_causal=True)
    assert torch.allclose(llama.plain_attention(q, k, v), expected, atol=1e-5)


def test_a_cache_gives_what_the_whole_text_gives():
    model, tokens = tiny(), torch.randint(0, 512, (1, 12))
    caches = [[] for _ in model.layers]
    first = model(tokens[:, :7], caches=caches)
    mask = torch.zeros(1, 1, 5, 12).masked_fill(torch.arange(12)[None, :] > torch.arange(7, 12)[:, None], float("-inf"))
    second = model(tokens[:, 7:], torch.arange(7, 12)[None], mask, caches)
    assert torch.allclose(torch.cat([first, second], 1), model(tokens), atol=1e-4)


def test_rows_that_llama_cpp_permuted_come_back():
    rows = np.arange(2 * 8 * 3).reshape(16, 3)
    permuted = rows.reshape(2, 2, 4, 3).swapaxes(1, 2).reshape(16, 3)  # as convert_hf_to_gguf.py does it
    assert np.array_equal(gguf_checkpoint.unpermuted(permuted, 2), rows)


def test_digits_are_tokens_and_a_space_joins_the_word_behind_it():
    alphabet = sorted("def fx1234()Ġ:")
    tokens = ["<|endoftext|>", *alphabet, "de", "def", "Ġf"]
    tokenizer = gguf_checkpoint.tokenizer_of(tokens, [3] + [1] * (len(tokens) - 1), ["d e", "de f", "Ġ f"])
    assert tokenizer.encode("def f12<|endoftext|>").tokens == ["def", "Ġf", "1", "2", "<|endoftext|>"]


def test_markers_are_renamed_and_keep_their_ids():
    tokenizer = gguf_checkpoint.tokenizer_of(["<|endoftext|>", "<issue_start>", "a"], [3, 3, 1], [])
    renamed = Tokenizer.from_str(gguf_checkpoint.renamed(tokenizer.to_str()))
    assert renamed.encode("<|fim_suffix|>a<|endoftext|>").ids == [1, 2, 0]
    assert renamed.token_to_id("<issue_start>") is None


@pytest.mark.skipif(
    "LACUNA_SLOW_TESTS" not in os.environ or not bf16_kernels.is_supported(), reason="compiles for minutes; needs a processor with bf16 products"
)
def test_the_compiled_layers_and_head_give_the_gradients_of_plain_pytorch():
    exact, fast = tiny(), tiny().to(torch.bfloat16)
    for parameter in fast.parameters():
        parameter.grad = torch.zeros_like(parameter)
    tokens, targets, weights = torch.randint(0, 512, (2, 96)), torch.randint(0, 512, (192,)), torch.rand(192)
    losses = bf16_kernels.losses(fast, bf16_kernels.hidden_states(fast, tokens).view(192, -1), targets, weights)
    losses.sum().backward()
    expected = torch.nn.functional.cross_entropy(exact.logits(exact(tokens)).view(192, -1), targets, reduction="none") * weights
    expected.sum().backward()
    assert torch.allclose(losses, expected, atol=0.1)
    for ours, theirs in zip(fast.parameters(), exact.parameters(), strict=True):
        assert (ours.grad.float() - theirs.grad).norm() < 0.05 * theirs.grad.norm()
