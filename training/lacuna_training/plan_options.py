"""A plan of a run from the command line: an option for each of its fields."""

from __future__ import annotations

import argparse
from dataclasses import MISSING, fields
from pathlib import Path
from typing import TypeVar

Plan = TypeVar("Plan")
_KINDS = {"Path": Path, "float": float, "int": int, "str": str, "bool": lambda text: text == "true"}


def parse_plan(plan: type[Plan], description: str | None) -> Plan:
    """The plan that the arguments of this process describe; a field without a default must be given."""
    parser = argparse.ArgumentParser(description=description)
    for field in fields(plan):
        parser.add_argument(
            "--" + field.name.replace("_", "-"),
            type=_KINDS[str(field.type)],
            required=field.default is MISSING,
            default=None if field.default is MISSING else field.default,
        )
    return plan(**vars(parser.parse_args()))
