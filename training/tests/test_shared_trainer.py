import json

import torch
from tokenizers import Tokenizer

from lacuna_training import fill_rows, llama, shared_trainer
from lacuna_training.flat_adam import FlatAdam, flat_slices

TEXT = "def add(a, b):\n    return a + b\n\n\nfor item in range(10):\n    print(item)\n" * 8


def plan(tmp_path, bpe: Tokenizer, **changes):
    torch.manual_seed(1)
    config = llama.Config(
        hidden_size=64, num_hidden_layers=1, num_attention_heads=1, num_key_value_heads=1, intermediate_size=64, vocab_size=512
    )
    llama.save(
        {name: 0.02 * torch.randn_like(value) if value.dim() > 1 else value for name, value in llama.Llama(config).state_dict().items()},
        config,
        tmp_path / "initial",
        torch.float32,
    )
    bpe.save(str(tmp_path / "initial" / "tokenizer.json"))
    (tmp_path / "shards" / "train").mkdir(parents=True, exist_ok=True)
    file = {"package": "a", "path": "a.py", "language": "python", "role": "train", "text": TEXT}
    (tmp_path / "shards" / "train" / "a.jsonl").write_text(json.dumps(file) + "\n")
    settings = dict(minutes=0.06, rate=3e-3, warmup_steps=2, step_tokens=512, batch_tokens=512, engine="torch", log_steps=1)
    return shared_trainer.Plan(tmp_path / "initial", tmp_path / "shards", tmp_path / "run", **(settings | changes))


def test_a_run_learns_saves_and_goes_on_where_it_was(tmp_path, bpe):
    shared_trainer.run(plan(tmp_path, bpe, workers=1))
    first = torch.load(tmp_path / "run" / "state.pt", weights_only=True)
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert lines[-1]["loss"] < lines[0]["loss"]
    assert first["step"] == lines[-1]["step"] and first["holes"] > 0
    shared_trainer.run(plan(tmp_path, bpe, workers=1, minutes=0.1))
    second = torch.load(tmp_path / "run" / "state.pt", weights_only=True)
    assert second["step"] > first["step"] and second["tokens"] > first["tokens"]
    assert not torch.equal(first["masters"], second["masters"])


def test_the_rate_rises_stays_and_falls(tmp_path):
    settings = shared_trainer.Plan(tmp_path, tmp_path, tmp_path, minutes=100, warmup_steps=10, decay_minutes=20)
    scales = [shared_trainer.rate_scale(step, minutes, settings) for step, minutes in ((0, 0), (9, 1), (500, 70), (700, 90), (900, 100))]
    assert scales == [0.1, 1.0, 1.0, 0.5, 0.0]


def test_workers_share_out_what_is_rounded_to_four_bits():
    config = llama.Config(
        hidden_size=64, num_hidden_layers=3, num_attention_heads=1, num_key_value_heads=1, intermediate_size=64, vocab_size=512
    )
    model = llama.Llama(config)
    size = sum(parameter.numel() for parameter in model.parameters())
    middle = size // 2 // 64 * 64
    parts = shared_trainer.four_bit_slices(model, 0, middle) + shared_trainer.four_bit_slices(model, middle, size)
    assert sum(part.stop - part.start for part in parts) == 3 * model.layers[0].gate_up_proj.weight.numel()
    flat = torch.cat([dict(model.named_parameters())[name].detach().flatten() for name, _ in flat_slices(model)])
    assert torch.equal(torch.cat([flat[part] for part in parts]), torch.cat([layer.gate_up_proj.weight.detach().flatten() for layer in model.layers]))


def test_slices_of_a_flat_vector_give_the_same_update_as_adamw():
    torch.manual_seed(2)
    size, border = 100, 64
    masters, gradient = torch.randn(size), torch.randn(size)
    reference = [torch.nn.Parameter(part.clone()) for part in (masters[:border], masters[border:])]
    optimizer = torch.optim.AdamW(
        [{"params": reference[:1], "weight_decay": 0.1}, {"params": reference[1:], "weight_decay": 0.0}], lr=1e-2, betas=(0.9, 0.95)
    )
    first, second, average = torch.zeros(size), torch.zeros(size), masters.clone()
    parts = [FlatAdam(masters, first, second, average, begin, end, border, 0.1) for begin, end in ((0, 50), (50, 100))]
    for step in (1, 2, 3):
        for parameter, part in zip(reference, (slice(0, border), slice(border, size)), strict=True):
            parameter.grad = gradient[part].clone()
        optimizer.step()
        for adam, part in zip(parts, (slice(0, 50), slice(50, 100)), strict=True):
            adam.step(gradient[part], 1e-2, step, 0.9)
    assert torch.allclose(masters, torch.cat([parameter.detach() for parameter in reference]), atol=1e-6)


def test_a_bound_model_reads_and_writes_the_flat_vectors():
    config = llama.Config(
        hidden_size=64, num_hidden_layers=1, num_attention_heads=1, num_key_value_heads=1, intermediate_size=64, vocab_size=512
    )
    size = sum(parameter.numel() for parameter in llama.Llama(config).parameters())
    weights, gradient = torch.rand(size), torch.zeros(size)
    model = shared_trainer.bound_model(config, weights, gradient)
    name, part = flat_slices(model)[0]
    assert torch.equal(dict(model.named_parameters())[name].flatten(), weights[part])
    model.logits(model(torch.arange(8)[None])).sum().backward()
    assert gradient.abs().sum() > 0
