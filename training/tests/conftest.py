import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from lacuna_training import tokenizer  # noqa: E402


@pytest.fixture(scope="session")
def bpe():
    texts = ["def add(a, b):\n    return a + b\n\n\nfor item in range(10):\n    print(item)\n" * 4, "class Box:\n    pass\n"]
    return tokenizer.train(texts, vocabulary_size=320)
