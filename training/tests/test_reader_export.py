"""What is exported is what was trained, and what the plain reference computes from it is what the network computes."""

import json
import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import write_reader_fixture  # noqa: E402
from test_parity_fixture import same  # noqa: E402

from lacuna_training import frozen_verifier, quantized, reader_export  # noqa: E402
from lacuna_training.reader import DRAFT, INFILL  # noqa: E402

FIXTURES = write_reader_fixture.FIXTURES


def loaded(family: str, folder: Path):
    source = FIXTURES / family
    verifier = frozen_verifier.load(source, torch.float32)
    return verifier, reader_export.load(folder, verifier, frozen_verifier.checkpoint_hash(source))


@pytest.mark.parametrize("family", write_reader_fixture.FAMILIES)
def test_the_network_gives_what_the_reference_wrote(family):
    folder = FIXTURES / f"reader-{family}"
    verifier, network = loaded(family, folder)
    for case in json.loads((folder / "cases.json").read_text())["cases"]:
        canvas = torch.tensor([[case["canvas"]]])
        position = len(case["context"])
        # More in the cache than is seen: what lies there from the anchor on must not matter.
        reading = verifier.read(torch.tensor([[*case["context"], 9, 10, 11]]), list(network.config.reads))
        last = reading.hidden[:, position - 1][:, None]
        anchors, lengths = torch.tensor([[position]]), torch.tensor([[canvas.shape[-1]]])
        role = DRAFT if case["role"] == "draft" else INFILL
        hidden = network(canvas, lengths, anchors, reading.keys_values, last, role)[0, 0, : len(case["logits"])]
        known = canvas[0, 0, : len(case["logits"])]
        before = network.before(torch.where(known < 0, -1, network.class_of[known.clamp(min=0)]))
        torch.testing.assert_close(network.logits(hidden, before), torch.tensor(case["logits"]), atol=5e-4, rtol=1e-3)
        torch.testing.assert_close(network.certainty(hidden, before).sigmoid(), torch.tensor(case["certainty"]), atol=1e-4, rtol=1e-3)
        if "draft" in case:
            assert network.draft(hidden[None], canvas[0, :, 0])[0][0].tolist() == case["draft"]


@pytest.mark.parametrize("family", write_reader_fixture.FAMILIES)
def test_the_fixture_is_what_the_script_writes(family, tmp_path):
    write_reader_fixture.write_fixture(family, tmp_path)
    for name in ("reader.json", "cases.json"):
        made, kept = (json.loads((folder / name).read_text()) for folder in (tmp_path, FIXTURES / f"reader-{family}"))
        # They are kept to four places, of which another processor may round the last otherwise; certainties to five.
        assert same(made, kept, 2e-4), f"{name} is not what scripts/write_reader_fixture.py writes: run it"


def test_codes_stand_for_the_matrices_that_an_import_rounds_to(tmp_path):
    matrix = torch.randn(256, 128, generator=torch.Generator().manual_seed(1))
    coded = reader_export._coded({"matrix": matrix, "vector": matrix[0], "small": matrix[:2]})
    assert coded["matrix"].dtype == torch.int8 and coded["small"].dtype == torch.float32
    decoded = reader_export._decoded(coded)
    torch.testing.assert_close(decoded["matrix"], quantized.rounded_rows(matrix), atol=1e-6, rtol=1e-5)
    # What an import makes of them are the same codes once more.
    torch.testing.assert_close(quantized.rounded_rows(decoded["matrix"]), decoded["matrix"], atol=1e-6, rtol=1e-5)
    assert torch.equal(decoded["vector"], matrix[0])


def test_a_reader_is_refused_by_another_verifier(tmp_path):
    write_reader_fixture.write_fixture("llama", tmp_path)
    verifier = frozen_verifier.load(FIXTURES / "llama", torch.float32)
    with pytest.raises(ValueError, match="another verifier"):
        reader_export.load(tmp_path, verifier, "0" * 64)
