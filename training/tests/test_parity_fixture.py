"""What the TypeScript decoders are compared with is what the references say now."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from write_parity_fixture import write_fixture  # noqa: E402

KEPT = Path(__file__).parents[2] / "test/parity/fixtures/tiny"


def same(made, kept, within: float = 1e-5) -> bool:
    """Numbers within so much: another processor adds in another order."""
    if isinstance(made, dict):
        return made.keys() == kept.keys() and all(same(made[key], kept[key], within) for key in made)
    if isinstance(made, list):
        return len(made) == len(kept) and all(same(*pair, within) for pair in zip(made, kept, strict=True))
    return abs(made - kept) < within if isinstance(made, float) and isinstance(kept, (int, float)) else made == kept


def test_the_fixture_is_what_the_references_write(tmp_path: Path):
    write_fixture(tmp_path)
    for name in ("fixtures.json", "decoders.json", "config.json", "tokenizer.json"):
        made, kept = (json.loads((folder / name).read_text()) for folder in (tmp_path, KEPT))
        assert same(made, kept), f"{name} is not what scripts/write_parity_fixture.py writes: run it"


@pytest.mark.parametrize("other", [1.1, "a", [2.0], {"b": 1.0}])
def test_a_difference_is_found(other):
    assert not same({"a": [1.0]}, {"a": [other]})
