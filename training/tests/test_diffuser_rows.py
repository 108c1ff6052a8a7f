import numpy as np
import torch

from lacuna_training import answers, diffuser_rows, model, samples
from lacuna_training.corpus import SourceFile
from lacuna_training.specials import EOS, FIM_SUFFIX, ID, MASK, SEP

TEXT = "".join(f"def add_{index}(a, b):\n    return a + b + {index}\n\n\n" for index in range(60))


def rows(bpe, seed=5):
    source = samples.StreamSource([SourceFile("p", "a.py", "python", "train", TEXT)], bpe, 96, seed)
    return diffuser_rows.DiffuserRows(source, batch=3, context=96, canvas=128, seed=seed, dtype=torch.float32)


def test_targets_are_the_stream_tokens_at_the_canvas_positions(bpe):
    batch = rows(bpe).draw()
    learned = (batch.targets != -100).nonzero()
    assert len(learned) > 50
    for row, at in learned.tolist():
        assert batch.tokens[row, at] == ID[MASK]
        assert batch.targets[row, at] == batch.tokens[row, batch.positions[row, at]]


def test_context_never_sees_a_canvas_and_canvases_never_see_each_other(bpe):
    batch = rows(bpe).draw()
    network = model.Qwen2(model.Config(hidden_size=64, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1,
                                       intermediate_size=96, vocab_size=bpe.get_vocab_size()))  # fmt: skip
    # A tail ends each canvas: change the first one and look at everything outside it.
    tails = [at for at in range(96, 224) if int(batch.tokens[0, at]) in (ID[SEP], ID[FIM_SUFFIX])]
    end = tails[0] + 1
    while end < 224 and int(batch.tokens[0, end]) not in (ID[MASK],):
        end += 1
    changed = batch.tokens.clone()
    changed[0, 96 : tails[0]] = 17
    with torch.no_grad():
        before = network(batch.tokens, batch.positions, batch.mask)
        after = network(changed, batch.positions, batch.mask)
    assert torch.equal(before[0, :96], after[0, :96])
    assert not torch.equal(before[0, 96 : tails[0]], after[0, 96 : tails[0]])
    later = slice(tails[1] - 1, tails[1])
    assert torch.equal(before[0, later], after[0, later])


def test_a_draft_canvas_weighs_its_first_slot_most():
    stream = samples.Stream(list(range(20, 40)), 2, 20, False, [])
    canvas = diffuser_rows.draft_canvas(stream, 5, 4, 2.0, 0.5)
    assert canvas.tokens == [ID[MASK]] * 4 + [ID[SEP]]
    assert canvas.targets == [25, 26, 27, 28, -100]
    assert canvas.weights == [2.0, 1.0, 0.5, 0.25, 0.0]


def test_canvases_over_answers_start_in_the_answer_and_stop_at_its_end(tmp_path, bpe):
    np.savez(tmp_path / "0.npz", tokens=np.array([[30, 31, 32, 33, 34, 35, ID[EOS], ID[EOS]]], np.uint16), prompt_length=4)
    source = answers.AnswerSource(tmp_path, seed=1)
    assert source.draw().tokens == [30, 31, 32, 33, 34, 35, ID[EOS]]
    both = diffuser_rows.DiffuserRows(source, 1, 16, 64, 1, torch.float32, answers=source, share_answers=1.0)
    batch = both.draw()
    learned = batch.positions[batch.targets != -100]
    assert set(learned.tolist()) <= {4, 5, 6}
