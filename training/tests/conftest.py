import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent.parent))

from lacuna_training import tokenizer  # noqa: E402

# The models here are tiny: threads that wait for each other cost more than they bring, most of all on a busy machine.
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def bpe():
    texts = ["def add(a, b):\n    return a + b\n\n\nfor item in range(10):\n    print(item)\n" * 4, "class Box:\n    pass\n"]
    return tokenizer.train(texts, vocabulary_size=320)
