"""Copies checkpoints with their weights in bf16: python scripts/export_bf16.py work/verifier work/diffuser --out work/export"""

import argparse
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    for folder in arguments.folders:
        target = arguments.out / folder.name
        target.mkdir(parents=True, exist_ok=True)
        for name in ("config.json", "tokenizer.json", "log.jsonl"):
            shutil.copy(folder / name, target / name)
        state = {name: tensor.to(torch.bfloat16) for name, tensor in load_file(str(folder / "model.safetensors")).items()}
        save_file(state, str(target / "model.safetensors"), metadata={"format": "pt"})
