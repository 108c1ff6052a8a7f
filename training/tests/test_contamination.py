import gzip
import json

from lacuna_training import contamination

ROW = "def widest_gap(numbers):\n    ordered = sorted(numbers)\n    return max(b - a for a, b in zip(ordered, ordered[1:]))\n"


def test_any_window_of_a_row_is_found_whatever_its_white_space():
    detector = contamination.Detector([ROW])
    inside = "x = 1\n" * 50 + ROW[20:90].replace("\n    ", "\n\t") + "y = 2\n" * 50
    assert detector.find(inside) is not None


def test_text_that_shares_less_than_a_window_is_not_found():
    detector = contamination.Detector([ROW])
    assert detector.find(ROW[:45] + "\nother = 1\n" * 20) is None
    assert detector.find("short") is None
    assert contamination.Detector([]).find(ROW) is None


def test_the_hash_of_a_window_depends_on_that_window_alone():
    first = contamination.window_hashes(b"a" * 10 + ROW.encode())
    second = contamination.window_hashes(ROW.encode() + b"b" * 10)
    assert (first[10:] == second[: len(first) - 10]).all()
    assert len(set(second.tolist())) > len(second) - 3


def test_rows_are_read_plain_and_gzipped(tmp_path):
    row = json.dumps({"prompt": "a", "canonical_solution": "b", "suffix": "c"}) + "\n"
    (tmp_path / "rows.jsonl").write_text(row)
    with gzip.open(tmp_path / "rows.jsonl.gz", "wt") as file:
        file.write(row)
    assert contamination.read_rows(tmp_path / "rows.jsonl") == contamination.read_rows(tmp_path / "rows.jsonl.gz") == ["abc"]
