"""The reader's network, labels and canvases, on tiny verifiers of every family."""

import json
import random

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models

from lacuna_training import bf16_kernels, fill_rows, frozen_verifier, quantized, reader_data, reader_fit, reader_measures, reader_step
from lacuna_training import reader as reader_module
from lacuna_training.corpus import SourceFile
from lacuna_training.reader import DRAFT, MASK, Reader, ReaderConfig
from lacuna_training.reader_data import END, NOTHING, Canvases, LaidOut, Recipe
from lacuna_training.reader_loss import slot_loss

VOCABULARY, HIDDEN, LAYERS, INTERMEDIATE, HEADS, KV_HEADS, SIZE = 96, 64, 3, 96, 4, 2, 16


def write_verifier(folder, family: str, vocabulary: int = VOCABULARY, tied: bool = True):
    """A checkpoint of random weights as Hugging Face has them."""
    generator = torch.Generator().manual_seed(3)

    def random_of(*shape):
        return torch.randn(*shape, generator=generator) * (shape[-1] ** -0.5 if len(shape) > 1 else 0.3)

    tensors = {"model.embed_tokens.weight": random_of(vocabulary, HIDDEN), "model.norm.weight": 1 + random_of(HIDDEN)}
    for layer in range(LAYERS):
        module = f"model.layers.{layer}"
        rows = {"q": HEADS * SIZE, "k": KV_HEADS * SIZE, "v": KV_HEADS * SIZE}
        for part, count in rows.items():
            tensors[f"{module}.self_attn.{part}_proj.weight"] = random_of(count, HIDDEN)
            if family == "qwen2":
                tensors[f"{module}.self_attn.{part}_proj.bias"] = random_of(count)
        if family == "qwen3":
            for part in "qk":
                tensors[f"{module}.self_attn.{part}_norm.weight"] = 1 + random_of(SIZE)
        tensors[f"{module}.self_attn.o_proj.weight"] = random_of(HIDDEN, HEADS * SIZE)
        for part in ("gate", "up"):
            tensors[f"{module}.mlp.{part}_proj.weight"] = random_of(INTERMEDIATE, HIDDEN)
        tensors[f"{module}.mlp.down_proj.weight"] = random_of(HIDDEN, INTERMEDIATE)
        for name in ("input_layernorm", "post_attention_layernorm"):
            tensors[f"{module}.{name}.weight"] = 1 + random_of(HIDDEN)
    if not tied:
        tensors["lm_head.weight"] = random_of(vocabulary, HIDDEN)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, str(folder / "model.safetensors"))
    settings = {
        "model_type": family, "hidden_size": HIDDEN, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS,
        "head_dim": SIZE, "intermediate_size": INTERMEDIATE, "vocab_size": vocabulary, "rope_theta": 1e4, "rms_norm_eps": 1e-6,
        "tie_word_embeddings": tied,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(settings))
    prompt = {"order": "suffixFirst", "suffix": [1], "prefix": [2], "middle": [3]}
    (folder / "lacuna.json").write_text(json.dumps({"promptFormat": prompt, "ends": [0]}))
    return folder


def pair(folder, family="llama", units=INTERMEDIATE, reads=(0, 2), head=80):
    verifier = frozen_verifier.load(write_verifier(folder, family), torch.float32)
    network = Reader(ReaderConfig(verifier.shape, tuple(reads), units, head, rank=8)).attach(verifier, torch.arange(head))
    tokens = torch.randint(4, VOCABULARY, (2, 32), generator=torch.Generator().manual_seed(1))
    reader_module.initialize(network, verifier, 0, torch.Generator().manual_seed(2))
    return verifier, network, tokens


def streams(verifier, tokens):
    """The input of every layer, written down once more without the code under test's cache: one plain causal pass."""
    x = verifier.embed_tokens(tokens)
    cos, sin = frozen_verifier.rotary(verifier.shape, torch.arange(tokens.shape[1])[None], x.dtype)
    inputs = []
    for layer in verifier.layers:
        inputs.append(x)
        q, k, v = layer.project(x, cos, sin)
        k, v = (part.repeat_interleave(HEADS // KV_HEADS, dim=1) for part in (k, v))
        x = layer.finish(x, F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(*tokens.shape, -1))
    return [*inputs, x]


@pytest.mark.parametrize("family", frozen_verifier.FAMILIES)
def test_a_layer_that_is_copied_on_one_anchor_is_the_verifiers_own(tmp_path, family):
    verifier, network, tokens = pair(tmp_path, family)
    inputs = streams(verifier, tokens)
    reading = verifier.read(tokens, [2])
    anchors = torch.tensor([[5, 9, 30], [1, 17, 31]])
    rows = torch.arange(2)[:, None]
    x = inputs[2][rows, anchors]
    cos, sin = frozen_verifier.rotary(verifier.shape, anchors, x.dtype)
    own = torch.ones(2, 3, 1, dtype=torch.bool)
    layer = network.layers[1]
    layer.load_state_dict(verifier.layers[2].state_dict())
    q, k, v = layer.project(x, cos, sin)
    result = layer.finish(x, reader_module.attend(q, k, v, *reading.keys_values[0], anchors, own))
    torch.testing.assert_close(result, inputs[3][rows, anchors], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(verifier.norm(result), reading.hidden[rows, anchors], atol=1e-5, rtol=1e-4)


def test_canvases_that_share_a_prefill_do_not_see_each_other_nor_what_comes_after(tmp_path):
    _, network, tokens = pair(tmp_path, "qwen2", units=48)
    verifier = frozen_verifier.load(tmp_path, torch.float32)
    generator = torch.Generator().manual_seed(4)
    inputs = torch.randint(4, 80, (1, 3, 6), generator=generator)
    inputs[0, :, 2:4] = MASK
    anchors, lengths = torch.tensor([[4, 11, 20]]), torch.tensor([[6, 3, 5]])

    def run(context, picked):
        reading = verifier.read(context, [0, 2])
        last = reading.hidden[:1, anchors[0, picked] - 1]
        return network(inputs[:, picked], lengths[:, picked], anchors[:, picked], reading.keys_values, last, DRAFT)

    with torch.no_grad():
        together = run(tokens[:1], [0, 1, 2])
        for canvas in range(3):
            size = int(lengths[0, canvas])
            alone = run(tokens[:1, : anchors[0, canvas]], [canvas])
            torch.testing.assert_close(together[0, canvas, :size], alone[0, 0, :size], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("family", frozen_verifier.FAMILIES)
def test_what_is_fitted_says_at_anchors_what_the_verifier_says(tmp_path, family):
    verifier, network, tokens = pair(tmp_path, family, units=48)
    generator = torch.Generator().manual_seed(6)
    rows = [torch.randint(4, VOCABULARY, (40,), generator=generator) for _ in range(60)]
    chosen = reader_module.important_units(verifier, tokens, network.config.reads, 48)
    right = reader_fit.fit(network, verifier, chosen, rows)
    # The network itself says the same: canvases of one anchor.
    tokens = torch.stack(rows)
    reading = verifier.read(tokens, list(network.config.reads))
    anchors = torch.arange(reader_fit.FIRST_PLACES, 40)[None].expand(len(rows), -1)
    before = reading.hidden[torch.arange(len(rows))[:, None], anchors - 1]
    inputs = tokens[:, reader_fit.FIRST_PLACES :, None]
    with torch.no_grad():
        hidden = network(inputs, torch.ones_like(anchors), anchors, reading.keys_values, before, DRAFT)
    said = verifier.best(hidden.flatten(0, 2))
    same = float((said == verifier.best(reading.hidden[:, reader_fit.FIRST_PLACES :].flatten(0, 1))).float().mean())
    assert right > 0.25, right  # of 96 tokens, and of random layers
    assert abs(same - right) < 0.02, (same, right)


def test_the_units_that_are_kept_are_those_that_do_most(tmp_path):
    verifier, _, tokens = pair(tmp_path, "llama")
    weight = verifier.layers[1].down_proj.weight
    weight[:, 10:] *= 1e-6
    assert reader_module.important_units(verifier, tokens, (1,), 10)[0].tolist() == list(range(10))


def test_greedy_continuation_is_the_arg_max_of_full_passes(tmp_path):
    verifier, _, tokens = pair(tmp_path, "qwen3")
    prompts = [tokens[0, :9].tolist(), tokens[1, :20].tolist()]
    texts = verifier.continue_greedily(prompts, 6, frozenset())
    for prompt, text in zip(prompts, texts, strict=True):
        for at, token in enumerate(text):
            hidden = verifier.read(torch.tensor([prompt + text[:at]]), []).hidden
            assert int(verifier.best(hidden[:, -1])) == token


def test_an_untied_head_is_read(tmp_path):
    folder = write_verifier(tmp_path, "llama", tied=False)
    verifier = frozen_verifier.load(folder, torch.float32)
    assert not torch.equal(verifier.head, verifier.embed_tokens.weight)


def test_rows_round_to_at_most_half_a_step_and_to_63_codes_each_way():
    matrix = torch.randn(5, 64, generator=torch.Generator().manual_seed(1))
    matrix[3] = 0
    rounded, scale = quantized.rounded_rows(matrix), matrix.abs().amax(1, keepdim=True) / 63
    assert (rounded - matrix).abs().max() <= scale.max() / 2 + 1e-6
    assert torch.equal(rounded[3], matrix[3])
    codes = (rounded / scale.clamp(min=1e-9)).round()
    torch.testing.assert_close(codes * scale, rounded)
    assert codes.abs().max() == 63
    torch.testing.assert_close(quantized.rounded_rows(rounded), rounded)


def test_labels_follow_the_verifier_up_to_its_first_divergence():
    real = torch.tensor([[[11, 12, 13, 14], [11, 12, 13, NOTHING], [21, 22, 23, 24]]])
    best = torch.tensor([[[11, 12, 93, 94], [81, 12, 13, 77], [21, 22, 23, 24]]])
    canvases = Canvases(torch.empty(0), torch.empty(0), torch.empty(0), real, (real != NOTHING).float())
    targets, weights = reader_data.labelled(canvases, best, 0.5)
    assert targets.tolist() == [[[11, 12, 93, 14], [81, 12, 13, NOTHING], [21, 22, 23, 24]]]
    assert weights.tolist() == [[[1, 1, 1, 0.5], [1, 0.5, 0.5, 0], [1, 1, 1, 1]]]


ROW = LaidOut([1, 30, 31, 2, *range(40, 60), 3, *range(60, 70), 0], 4, 25, 1, "python")


def test_drafts_begin_in_the_text_and_do_not_cross_into_a_hole():
    rng = random.Random(1)
    canvases = reader_data.draft_canvases([ROW], 5, 40, rng)
    for anchor, inputs, targets in zip(canvases.anchors[0].tolist(), canvases.inputs[0].tolist(), canvases.targets[0].tolist(), strict=True):
        assert inputs == [ROW.tokens[anchor], *[MASK] * 4]
        assert ROW.text <= anchor < len(ROW.tokens) - 1 and anchor != ROW.middle - 2
        learned = [token for token in targets if token != NOTHING]
        assert learned == ROW.tokens[anchor + 1 : anchor + 1 + len(learned)] and learned and 3 not in learned
        assert (len(learned) == 5) == (anchor + 5 < ROW.middle - 1 or ROW.middle - 1 <= anchor < len(ROW.tokens) - 5)


def test_infill_canvases_hold_what_is_left_and_then_surplus():
    recipe, rng = Recipe(infills=200), random.Random(1)
    canvases = reader_data.infill_canvases([ROW], recipe, rng)
    masked = 0
    for at in range(recipe.infills):
        length, anchor = int(canvases.lengths[0, at]), int(canvases.anchors[0, at])
        inputs, targets = canvases.inputs[0, at, :length].tolist(), canvases.targets[0, at, : length - 1].tolist()
        rest = ROW.tokens[anchor + 1 : -1]
        assert inputs[0] == ROW.tokens[anchor] and ROW.middle - 1 <= anchor
        for slot, (shown, target) in enumerate(zip(inputs[1:], targets, strict=True)):
            wanted = rest[slot] if slot < len(rest) else END
            assert (shown, target) == (MASK, wanted) if target != NOTHING else shown == (0 if wanted == END else wanted)
        assert MASK in inputs
        surplus = canvases.weights[0, at, : length - 1][torch.tensor(targets) == END]
        assert (surplus == reader_data.SURPLUS_WEIGHT).all()
        masked += all(token == MASK for token in inputs[1:])
    assert 0.4 < masked / recipe.infills < 0.75


def test_the_sliced_loss_and_its_gradients_equal_the_plain_ones(tmp_path):
    _, network, _ = pair(tmp_path)
    generator = torch.Generator().manual_seed(5)
    torch.nn.init.normal_(network.following, generator=generator)
    hidden = torch.randn(700, HIDDEN, generator=generator, requires_grad=True)
    previous, targets = torch.randint(-1, 82, (700,), generator=generator), torch.randint(0, 81, (700, 3), generator=generator)
    shares = torch.rand(700, 3, generator=generator).softmax(-1)
    weights = torch.rand(700, generator=generator)
    parameters = [hidden, network.end, network.following, network.previous]
    loss, _, right = slot_loss(network, hidden, previous, targets, shares, weights)
    ours = torch.autograd.grad(loss, parameters)
    logits = network.logits(hidden, network.before(previous))
    certain = network.certainty(hidden, network.before(previous))
    assert torch.equal(right, logits.argmax(-1) == targets[:, 0])
    wanted = torch.zeros_like(logits).scatter_add_(1, targets, shares)
    plain = (F.cross_entropy(logits, wanted, reduction="none") * weights).sum()
    plain = plain + 0.1 * F.binary_cross_entropy_with_logits(certain, right.float(), weights, reduction="sum")
    torch.testing.assert_close(loss, plain, atol=1e-3, rtol=1e-5)
    for mine, theirs in zip(ours, torch.autograd.grad(plain, parameters), strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-4, rtol=1e-3)


def test_what_the_verifier_finds_likely_is_learned_beside_the_target(tmp_path):
    _, network, _ = pair(tmp_path)
    goals, shares = reader_step.mixed(network, torch.tensor([5]), torch.tensor([[5, 90, 7]]), torch.tensor([[0.4, 0.2, 0.1]]))
    assert goals[0, [0, 1, 3]].tolist() == [5, 5, 7]  # the head lacks 90
    torch.testing.assert_close(shares, torch.tensor([[0.5, 0.4, 0.0, 0.1]]))
    hidden = torch.randn(9, HIDDEN, generator=torch.Generator().manual_seed(2))
    tokens, chances = network.likeliest(hidden, 4)
    rows = network.frozen[2]
    best = (hidden @ rows.T).softmax(-1).topk(4)
    torch.testing.assert_close(chances, best.values)
    assert torch.equal(tokens, network.token_of[best.indices])


def test_a_target_that_the_head_lacks_is_not_learned(tmp_path):
    _, network, _ = pair(tmp_path)
    assert reader_step.classes_of(network, torch.tensor([5, 90, END, NOTHING])).tolist() == [5, NOTHING, 80, NOTHING]


def test_a_walk_gives_what_agrees_and_one_token_more():
    text = [1, 2, 3, 4, 5, 6]
    drafted = [[1, 2, 9], [9, 9, 9], [9, 9, 9], [4, 5, 6], [9, 9, 9], [9, 9, 9]]
    assert reader_measures.walk(drafted, text) == (6, 2)
    assert reader_measures.walk([[9]] * 6, text) == (6, 6)


@pytest.mark.skipif(not bf16_kernels.is_supported(), reason="needs a processor with bf16 products, and a compiler")
@pytest.mark.parametrize("family", ["llama", "qwen2"])
def test_packed_layers_read_what_plain_pytorch_reads(tmp_path, family):
    verifier = frozen_verifier.load(write_verifier(tmp_path, family), torch.bfloat16)
    exact = frozen_verifier.load(tmp_path, torch.float32)
    tokens = torch.randint(4, VOCABULARY, (2, 32), generator=torch.Generator().manual_seed(1))
    assert verifier.uses_kernels(tokens.numel())
    packed, plain = verifier.read(tokens, [0, 2]), exact.read(tokens, [0, 2])
    for ours, theirs in zip([packed.hidden, *packed.keys_values[1]], [plain.hidden, *plain.keys_values[1]], strict=True):
        assert (ours.float() - theirs).norm() < 0.02 * theirs.norm()
    verifier.keep_packed_only()
    assert torch.equal(verifier.read(tokens, [0, 2]).hidden, packed.hidden)


@pytest.mark.parametrize("is_suffix_first", [True, False])
def test_a_row_is_laid_out_in_the_order_of_its_verifier(is_suffix_first):
    layout = reader_data.Layout((1,), (2,), (3,), (0,), is_suffix_first)
    source = reader_data.RowSource.__new__(reader_data.RowSource)
    source._layout = layout
    drawn = fill_rows.Row([8, 20, 21, 9, 30, 31, 32, 10, 40, 41, 0], 4, 8, "python", "line")
    row = source.laid_out(drawn)
    assert row.tokens[row.middle :] == [40, 41, 0]
    assert row.tokens[row.text : row.middle - row.marker] == [30, 31, 32]
    assert row.tokens[: row.middle] == ([1, 20, 21, 2, 30, 31, 32, 3] if is_suffix_first else [2, 30, 31, 32, 1, 20, 21, 3])


def test_the_head_knows_bytes_and_white_space_and_then_what_is_frequent_but_no_other_letters():
    vocabulary = {token: at for at, token in enumerate(["<end>", "a", "b", "Ċ", "é", "å", "ä¸", "ä¸Ń", "ab", "ĠĠ", "ba"])}
    tokenizer = Tokenizer(models.BPE(vocabulary, [("Ġ", "Ġ")] if "Ġ" in vocabulary else []))
    tokenizer.decoder = decoders.ByteLevel()
    file = SourceFile("package", "a.py", "python", "train", "ab")
    chosen = reader_data.frequent_tokens([file], tokenizer, 8, [0], 1, 1).tolist()
    assert chosen[0] == 0 and {vocabulary[token] for token in ("a", "b", "Ċ", "é", "å", "ĠĠ")} <= set(chosen)
    # A letter of another script, and a part of one, wait until all others are in.
    assert vocabulary["ä¸"] not in chosen[:7] and vocabulary["ä¸Ń"] not in chosen[:7]
