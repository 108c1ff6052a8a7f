import torch

from lacuna_training import line_benchmark, llama

TINY = llama.Config(hidden_size=64, num_hidden_layers=2, num_attention_heads=1, num_key_value_heads=1, intermediate_size=64, vocab_size=512)
ROW = {
    "prompt": "def double(x):\n",
    "suffix": "",
    "test": "def check(f):\n    assert f(2) == 4\n",
    "entry_point": "double",
    "canonical_solution": "    return 2 * x\n",
}


def test_batched_greedy_text_is_that_of_one_prompt_alone():
    torch.manual_seed(3)
    model = llama.Llama(TINY)
    prompts = [[5, 6, 7], [8, 9, 10, 11, 12, 13, 14], [15]]
    together = line_benchmark.greedy(model, prompts, frozenset(), end=511, longest=6)
    for prompt, answer in zip(prompts, together, strict=True):
        tokens = list(prompt)
        for _ in range(6):
            tokens.append(int(model.logits(model(torch.tensor([tokens]))[0, -1]).argmax()))
        assert answer == tokens[len(prompt) :]


def test_a_right_middle_passes_and_a_wrong_or_endless_one_does_not():
    assert line_benchmark.passes(ROW, "    return x + x\n")
    assert not line_benchmark.passes(ROW, "    return x\n")
    assert not line_benchmark.passes(ROW, "    return (\n")


def test_scores_count_passes_and_exact_middles():
    assert line_benchmark.score([ROW, ROW], ["    return x + x\n", "    return 2 * x\n"]) == {"rows": 2, "pass": 1.0, "exact": 0.5}
