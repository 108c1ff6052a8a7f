"""CAL's constants: the curve is found again, and what a reader says of a length does not hang on the lengths beside it."""

import numpy as np
import torch
from test_reader_export import FIXTURES, loaded

from lacuna_training import length_bias
from lacuna_training.reader import INFILL, MASK
from lacuna_training.reader_data import LaidOut


def test_the_curve_that_made_the_points_is_found():
    constants = (0.4, 0.3, 0.2, 0.02, 0.1)
    lengths = np.repeat(length_bias.LENGTHS, 20)
    found = length_bias.fit(list(zip(lengths.tolist(), length_bias.bias(lengths, *constants).tolist(), strict=True)))
    np.testing.assert_allclose(length_bias.bias(lengths, *found.values()), length_bias.bias(lengths, *constants), atol=1e-4)


def test_lengths_near_the_true_one_are_left_out():
    assert length_bias.lengths_for(14, 40) == [1, 2, 4, 6, 24, 32]


@torch.no_grad()
def test_a_reader_says_of_each_length_what_it_says_of_that_canvas_alone():
    verifier, reader = loaded("llama", FIXTURES / "reader-llama")
    row = LaidOut([5, 9, 3, 7, *range(8, 19), 2], 1, 4, 1, "python")
    points = length_bias.reader_points(reader, verifier, row)
    assert [length for length, _ in points] == length_bias.lengths_for(11, reader.config.slots)
    reading = verifier.read(torch.tensor([row.tokens[:4]]), list(reader.config.reads))
    for length, said in points:
        canvas = torch.full((1, 1, 1 + length), MASK)
        canvas[..., 0] = row.tokens[3]
        anchor, size = torch.tensor([[3]]), torch.tensor([[1 + length]])
        hidden = reader(canvas, size, anchor, reading.keys_values, reading.hidden[:, 2][:, None], INFILL)[0, 0, :length]
        logits = reader.logits(hidden, reader.before(torch.full((length,), -1)))
        assert abs(float(logits.softmax(-1).amax(-1).mean()) - said) < 1e-5
