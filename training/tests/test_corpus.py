from pathlib import Path

import pytest

from lacuna_training import corpus

CODE = "import os\n\n\ndef size(path):\n    return os.stat(path).st_size\n" * 6


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (CODE, True),
        ("# Automatically generated, do not edit\n" + CODE, False),
        ("x = '" + "a" * 500 + "'\n" + CODE, False),
        ("0x00, 0x01, 0x02,\n" * 40, False),
        ("# " + "语" * 200 + "\n" + CODE, False),
    ],
)
def test_generated_minified_and_data_like_files_are_left_out(text, wanted):
    assert corpus.is_wanted(text) is wanted


def test_exact_and_near_copies_are_found_and_other_files_are_not():
    words = [f"name_{index} = compute(value_{index}, {index})\n" for index in range(200)]
    original = "".join(words)
    near = original.replace("name_7 ", "other ")
    different = "".join(f"def f_{index}(x):\n    return x ** {index}\n" for index in range(200))
    seen = corpus.Deduplicator()
    assert seen.is_new(original)
    assert not seen.is_new(original.replace("\n", "\n\n"))
    assert not seen.is_new(near)
    assert seen.is_new(different)


def test_vendored_and_minified_paths_are_left_out(tmp_path: Path):
    for name in ("a.py", "_vendor/b.py", "lib/c.min.js", "lib/d.d.ts", "lib/e.ts", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(CODE)
    package = corpus.Package("sample", "pypi", "MIT")
    assert [file.path for file in corpus.source_files(package, tmp_path)] == ["a.py", "lib/e.ts"]


@pytest.mark.parametrize("name", ["corpus.toml", "corpus-verifier.toml"])
def test_the_lists_name_a_permissive_licence_for_every_package_and_hold_some_out(name):
    packages = corpus.read_packages(Path(__file__).parent.parent / name)
    permissive = {"MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "PSF-2.0", "ISC", "0BSD", "Zlib", "BSL-1.0", "Unlicense", "CC0-1.0"}
    assert {package.licence for package in packages} <= permissive
    assert sum(package.role == "validation" for package in packages) >= 3
