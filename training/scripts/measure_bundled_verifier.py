"""Exports a run's averaged weights as a Hugging Face folder and measures them; a line of JSON is added to curve.jsonl beside the run.

python scripts/measure_bundled_verifier.py --run work/bundled --initial FOLDER --shards work/shards --rows BENCHMARK.jsonl.gz --count 200
"""

import argparse
import json
import os
import shutil
import time
from pathlib import Path

import torch
from tokenizers import Tokenizer

from lacuna_training import fill_rows, gguf_checkpoint, line_benchmark, llama, quantized
from lacuna_training.flat_adam import flat_slices

CARD = """---
license: apache-2.0
base_model: HuggingFaceTB/SmolLM2-135M-Instruct
---
SmolLM2-135M-Instruct (Apache-2.0), its 4-bit GGUF dequantized, trained further to fill in code. Changed from the original: all weights.
Row: `<|fim_suffix|>` suffix `<|fim_prefix|>` prefix `<|fim_middle|>` middle `<|endoftext|>` (ids 8, 9, 10 and 0; the first three were
`<issue_start>`, `<issue_comment>` and `<issue_closed>`). Prefix, middle and suffix are tokenized apart.
Trained on permissively licensed source code by written list; no benchmark text.
State: {state}
"""


def export(arguments: argparse.Namespace) -> dict:
    """Writes the folder anew and puts it in place of the old one; returns where the run stands."""
    state = torch.load(arguments.run / "state.pt", weights_only=True, mmap=True)
    config = llama.Config(
        **{
            key: value
            for key, value in json.loads((arguments.initial / "config.json").read_text()).items()
            if key in llama.Config.__dataclass_fields__
        }
    )
    with torch.device("meta"):
        shapes = llama.Llama(config)
    shapes_of = dict(shapes.named_parameters())
    tensors = {name: state[arguments.weights][part].view(shapes_of[name].shape) for name, part in flat_slices(shapes)}
    done = {"step": state["step"], "minutes": round(state["elapsed"] / 60, 1), "tokens": state["tokens"], "holes": state["holes"]}
    partial = arguments.export.with_name(arguments.export.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    llama.save(tensors, config, partial, torch.bfloat16, {"lacuna_role": "verifier"})
    (partial / "tokenizer.json").write_text(gguf_checkpoint.renamed((arguments.initial / "tokenizer.json").read_text()))
    (partial / "README.md").write_text(CARD.format(state=json.dumps(done)))
    # What `lacuna import` asks of a model whose markers it does not know.
    prompt = {"order": "suffixFirst", "suffix": [8], "prefix": [9], "middle": [10], "related": {"form": "comment"}}
    (partial / "lacuna.json").write_text(json.dumps({"promptFormat": prompt, "ends": [0]}, indent=2) + "\n")
    old = arguments.export.with_name(arguments.export.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if arguments.export.exists():
        arguments.export.rename(old)
    partial.rename(arguments.export)
    shutil.rmtree(old, ignore_errors=True)
    return done


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--initial", type=Path, required=True)
    parser.add_argument("--export", type=Path, required=True)
    parser.add_argument("--shards", type=Path)
    parser.add_argument("--rows", type=Path, nargs="*", default=[])
    parser.add_argument("--count", type=int, default=200, help="rows of each file; 0 is all")
    parser.add_argument("--holes", type=int, default=200, help="held-out holes whose loss is taken")
    parser.add_argument("--weights", choices=("average", "masters"), default="average")
    parser.add_argument("--mixed", action="store_true", help="measure what an import with gate and up projections in 4 bits makes of the weights")
    parser.add_argument("--curve", type=Path)
    parser.add_argument("--texts", type=Path, help="where the answers go, for reading")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    begun = time.monotonic()
    line: dict = export(arguments) | {"weights": arguments.weights}
    model = llama.load(arguments.export, torch.bfloat16).requires_grad_(False)
    if arguments.mixed:
        line["mixed"] = True
        for name, parameter in model.named_parameters():
            parameter.data.copy_(quantized.rounded(name, parameter.data, "mixed"))
    tokenizer = Tokenizer.from_file(str(arguments.export / "tokenizer.json"))
    if arguments.shards is not None and arguments.holes > 0:
        files = fill_rows.read_shards(arguments.shards / "validation")
        for name, mixture in (("held_out", fill_rows.Mixture()), ("held_out_small", fill_rows.Mixture(small_files=1.0))):
            source = fill_rows.RowSource(files, tokenizer, 5, mixture=mixture)
            rows = sorted((source.draw(256) for _ in range(arguments.holes)), key=lambda row: len(row.tokens))
            line[name] = line_benchmark.held_out_loss(model, (rows[at : at + 8] for at in range(0, len(rows), 8)))
    for path in arguments.rows:
        rows = line_benchmark.read_rows(path, arguments.count)
        middles = line_benchmark.answers(model, tokenizer, rows, is_line="SingleLine" in path.name)
        line[path.name.split(".")[0].removeprefix("HumanEval-")] = line_benchmark.score(rows, middles)
        if arguments.texts is not None:
            with open(arguments.texts, "a") as texts:
                for row, middle in zip(rows, middles, strict=True):
                    print(json.dumps({"task": row["task_id"], "middle": middle, "truth": row["canonical_solution"]}), file=texts)
    line["seconds"] = round(time.monotonic() - begun)
    print(json.dumps(line))
    if arguments.curve is not None:
        with open(arguments.curve, "a") as curve:
            print(json.dumps(line), file=curve)
