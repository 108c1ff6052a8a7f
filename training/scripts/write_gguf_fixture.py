"""Writes blocks of every type that the import reads, and the values that the gguf package gives them: python scripts/write_gguf_fixture.py"""

import argparse
import base64
import json
from pathlib import Path

import gguf
import numpy as np

TYPES = ("F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K")
BLOCKS = 3
# Where the F16 scales of a block lie, in bytes; the other bytes may be anything.
SCALES = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208]}


def blocks_of(name: str, random: np.random.Generator) -> np.ndarray:
    """Random blocks [BLOCKS, bytes]; scales are ordinary numbers, one of them negative."""
    values, size = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[name]]
    if values == 1:
        halves = random.normal(size=(BLOCKS, 32)).astype(np.float32)
        bits = halves.astype(np.float16).view(np.uint16) if name == "F16" else (halves.view(np.uint32) >> 16).astype(np.uint16)
        return bits.view(np.uint8)
    blocks = random.integers(0, 256, size=(BLOCKS, size), dtype=np.uint8)
    for at in SCALES[name]:
        scale = random.uniform(0.001, 0.1, size=BLOCKS).astype(np.float16)
        scale[-1] *= -1
        blocks[:, at : at + 2] = scale.view(np.uint8).reshape(BLOCKS, 2)
    return blocks


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[2] / "test/unit/convert/fixtures/blocks.json")
    out = parser.parse_args().out

    random = np.random.default_rng(11)
    encoded = lambda array: base64.b64encode(array.tobytes()).decode()  # noqa: E731
    cases = {}
    for name in TYPES:
        blocks = blocks_of(name, random)
        values = gguf.quants.dequantize(blocks, gguf.GGMLQuantizationType[name])
        cases[name] = {"blocks": encoded(blocks), "values": encoded(values.astype(np.float32))}
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(cases, indent=1) + "\n")
