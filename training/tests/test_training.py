import itertools
import json

import torch
import torch.nn.functional as F

from lacuna_training import losses, model, trainer

TINY = model.Config(hidden_size=64, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1, intermediate_size=96, vocab_size=64)


def test_the_sliced_loss_and_its_gradients_equal_the_plain_ones():
    torch.manual_seed(0)
    network = model.Qwen2(TINY)
    tokens, targets = torch.randint(0, 64, (2, 9)), torch.randint(0, 64, (2, 9))
    targets[0, 3] = -100
    weights = torch.rand(2, 9)
    before = losses.SLICE["cpu"]
    losses.SLICE["cpu"] = 5
    try:
        losses.weighted_loss(network, network(tokens), targets, weights).backward()
    finally:
        losses.SLICE["cpu"] = before
    ours = [parameter.grad.clone() for parameter in network.parameters()]
    network.zero_grad()
    each = F.cross_entropy(network.logits(network(tokens)).transpose(1, 2), targets, reduction="none", ignore_index=-100)
    kept = weights * (targets != -100)
    ((each * kept).sum() / kept.sum()).backward()
    for mine, parameter in zip(ours, network.parameters(), strict=True):
        torch.testing.assert_close(mine, parameter.grad, atol=1e-5, rtol=1e-4)


def test_a_cached_pass_equals_the_full_pass():
    torch.manual_seed(0)
    network = model.Qwen2(TINY)
    tokens = torch.randint(0, 64, (1, 12))
    with torch.no_grad():
        full = network(tokens)
        caches: list[list] = [[] for _ in network.layers]
        network(tokens[:, :11], caches=caches)
        last = network(tokens[:, 11:], positions=torch.tensor([[11]]), caches=caches)
    torch.testing.assert_close(last[0, 0], full[0, 11])


def test_a_saved_model_loads_with_the_same_weights(tmp_path):
    network = model.Qwen2(TINY)
    model.save(network, tmp_path)
    loaded = model.load(tmp_path)
    for a, b in zip(network.parameters(), loaded.parameters(), strict=True):
        assert torch.equal(a, b)


def test_training_lowers_the_loss_and_resumes_where_it_stopped(tmp_path):
    torch.manual_seed(0)
    tokens = torch.randint(0, 64, (4, 16))

    def loss_of(network, batch):
        return losses.weighted_loss(network, network(batch)[:, :-1], batch[:, 1:]), batch.numel()

    def loss_now(network):
        return float(loss_of(network, tokens)[0])

    def train(minutes):
        torch.manual_seed(0)
        seconds = itertools.count()  # each look at the clock is a second later
        trainer.run(
            model.Qwen2(TINY), lambda _: lambda: tokens, loss_of, tmp_path, minutes, 3e-3, 3e-3, lambda _: {}, {},
            clock=lambda: float(next(seconds)),
        )  # fmt: skip
        return json.loads((tmp_path / "log.jsonl").read_text().splitlines()[-1])

    torch.manual_seed(0)
    untrained = loss_now(model.Qwen2(TINY))
    first = train(0.5)
    assert loss_now(model.load(tmp_path)) < untrained
    second = train(0.7)
    assert second["step"] > first["step"]
    assert second["tokens"] == second["step"] * tokens.numel()
