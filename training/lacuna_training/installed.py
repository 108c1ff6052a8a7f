"""Source files of the permissively licensed packages of the Python that runs this."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterator

from lacuna_training.corpus import Package, SourceFile, source_file

_PERMISSIVE = re.compile(r"\b(MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Unlicense|Zlib)\b", re.IGNORECASE)
_COPYLEFT = re.compile(r"\b(L?GPL|AGPL|General Public|MPL|Mozilla|EPL|CeCILL|Proprietary|NVIDIA)\b", re.IGNORECASE)


def licence_of(metadata: importlib.metadata.PackageMetadata) -> str | None:
    """The licence a distribution declares, if every word of it is permissive; else None."""
    words = [*metadata.get_all("License-Expression", []), *(c for c in metadata.get_all("Classifier", []) if c.startswith("License ::"))]
    declared = "; ".join(words) or (metadata.get("License") or "").strip().split("\n")[0][:100]
    if not _PERMISSIVE.search(declared) or _COPYLEFT.search(declared):
        return None
    return declared


def installed_files(exclude: set[str]) -> Iterator[SourceFile]:
    """Wanted source files of installed distributions; `exclude` names packages, in lower case, to leave out."""
    for distribution in sorted(importlib.metadata.distributions(), key=lambda each: (each.metadata["Name"] or "").lower()):
        name = (distribution.metadata["Name"] or "").lower()
        licence = licence_of(distribution.metadata)
        if licence is None or name in exclude:
            continue
        package = Package(name, "installed", licence, distribution.version)
        for entry in distribution.files or []:
            file = source_file(package, distribution.locate_file(entry), str(entry))
            if file is not None:
                yield file
