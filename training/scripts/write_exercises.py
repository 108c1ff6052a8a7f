"""Has a code model write small documented functions:

python scripts/write_exercises.py --model FOLDER --out work/shards/exercises --avoid ROWS --minutes 60

`--model` is a Hugging Face folder of an instruct model that speaks ChatML (`checkpoint_of_gguf.py` makes one); its licence must allow what
it writes to be trained on. `--avoid` names files of benchmark rows: what holds 50 characters of one, or defines a function of the same name,
is thrown away. Run again for more. SIGTERM ends it; what was written stays.
"""

import argparse
import json
import os
import signal
import time
from pathlib import Path

import torch
from tokenizers import Tokenizer

from lacuna_training import exercises, frozen_verifier
from lacuna_training.contamination import Detector, read_rows
from lacuna_training.sampler import Sampler

TEMPERATURE, LEAST_SHARE = 0.9, 0.06
ENDS = ("<|im_end|>", "<|endoftext|>", "```")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--asks", type=Path, default=Path(__file__).parent.parent / "exercises.toml")
    parser.add_argument("--avoid", type=Path, nargs="+", required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--rows", type=int, default=192, help="texts side by side in each process, a multiple of 32")
    parser.add_argument("--room", type=int, default=448, help="tokens of a text with its prompt")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    end = time.monotonic() + 60 * arguments.minutes
    rows = [row for path in arguments.avoid for row in read_rows(path)]
    detector, avoided = Detector(rows), exercises.names(rows)
    model = frozen_verifier.load(arguments.model)
    model.keep_packed_only()
    arguments.out.mkdir(parents=True, exist_ok=True)
    workers = []
    # Forked, so that the matrices are in memory once.
    for index in range(arguments.processes):
        worker = os.fork()
        if worker == 0:
            write(arguments, model, detector, avoided, end, index)
            os._exit(0)
        workers.append(worker)
    signal.signal(signal.SIGTERM, lambda *_: [os.kill(worker, signal.SIGTERM) for worker in workers])
    for worker in workers:
        os.waitpid(worker, 0)


def write(arguments, model, detector: Detector, avoided: set[str], end: float, index: int) -> None:
    seed = time.time_ns() % 2**31 + index
    tokenizer = Tokenizer.from_file(str(arguments.model / "tokenizer.json"))
    asks = exercises.Asks(arguments.asks, seed)
    sampler = Sampler(model, arguments.rows, arguments.room, TEMPERATURE, LEAST_SHARE, seed)
    ends = frozenset(tokenizer.encode(token, add_special_tokens=False).ids[0] for token in ENDS)
    languages: dict[int, str] = {}
    count, kept, began = 0, 0, time.monotonic()

    def prompt(row: int) -> list[int]:
        languages[row] = (ask := asks.draw()).language
        return tokenizer.encode(exercises.prompt(ask), add_special_tokens=False).ids

    with open(arguments.out / f"{seed}.jsonl", "w") as file:
        for row, tokens in sampler.write(prompt, ends):
            count += 1
            language = languages[row]
            text = exercises.kept(tokenizer.decode(tokens), language)
            if text is not None and detector.find(text) is None and avoided.isdisjoint(exercises.names([text])):
                kept += 1
                entry = {"package": "exercises", "path": f"{seed}/{count}", "language": language, "role": exercises.ROLE, "text": text}
                print(json.dumps(entry), file=file, flush=True)
            if count % 50 == 0:
                print(f"{index}: {count} answers, {kept} kept, {time.monotonic() - began:.0f} s", flush=True)
            if time.monotonic() > end:
                return


if __name__ == "__main__":
    main()
