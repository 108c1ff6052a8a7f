import torch

from lacuna_training import acceptance, answers, model, reference
from lacuna_training.specials import EOS, FIM_MIDDLE, ID

CONFIG = model.Config(
    hidden_size=32, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1, intermediate_size=48,
    vocab_size=64, max_position_embeddings=64,
)  # fmt: skip


def network(seed: int) -> model.Qwen2:
    torch.manual_seed(seed)
    made = model.Qwen2(CONFIG).eval()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    return made


def test_an_answer_is_what_the_verifier_writes_behind_its_marker() -> None:
    verifier = network(1)
    prompts = torch.randint(len(ID), 64, (3, 7))
    written = answers.greedy(verifier, prompts, 9).tolist()
    for prompt, answer in zip(prompts.tolist(), written, strict=True):
        expected = reference.autoregressive(verifier, [*prompt, ID[FIM_MIDDLE]], 9).tokens
        assert answer == expected + [ID[EOS]] * (9 - len(expected))


def test_sampled_blocks_of_a_drafter_that_is_never_wrong_are_whole() -> None:
    verifier = network(1)
    for layer in verifier.layers:  # what comes next then depends on the last token alone
        layer.self_attn.o_proj.weight.data.zero_()
        layer.mlp.down_proj.weight.data.zero_()
    verifier.embed_tokens.weight.data[:] = 1.0  # and is the same whatever that was: all tokens are equally likely
    walk = acceptance.walk_sampling(verifier, verifier, [20, 21, 22], 12, 5, 1.0, torch.Generator().manual_seed(3))
    assert (walk.tokens, walk.verifies) == (12, 2)
