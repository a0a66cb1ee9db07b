"""A file that a document names in backticks exists, and a test `path::name`."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from .tree import ROOT, project_files

NAME = re.compile(r"(?<![\w./-])(?:[\w.-]+/)*[\w.-]+\.(?:py|sh|ya?ml|sql)(?![\w/])")
TEST = re.compile(r"`([\w./-]+\.py)::(\w+)`")
CODE = re.compile(r"`([^`]+)`")
BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
OWN_FOLDER = re.compile(r"^\|[^|]*\| `(\w+/)`: ", re.MULTILINE)
"""A table row with a folder, to which the names that follow belong."""
ROAD = re.compile(r"in (\d+) files, and how it gets a task and is counted, in (\d+) more")

FILES = tuple(f"/{path.relative_to(ROOT).as_posix()}" for path in project_files())
DOCUMENTS = [
    path
    for pattern in ("README.md", "CONTRIBUTING.md", "docs/*.md", "*/README.md")
    for path in sorted(ROOT.glob(pattern))
    if path in project_files()
]


def names(text: str) -> Iterator[tuple[str, str]]:
    """Yield (folder, name) of each file that a document names; the folder is empty where its row names none."""
    for line in BLOCK.sub("", text).splitlines():
        row = OWN_FOLDER.match(line)
        for code in CODE.findall(line):
            yield from ((row[1] if row else "", name) for name in NAME.findall(code))


def missing(text: str, files: tuple[str, ...]) -> list[str]:
    """Return the names in a document that no file has."""
    return [name for folder, name in names(text) if not any(file.endswith(f"/{folder}{name}") for file in files)]


def gone(text: str) -> list[str]:
    """Return the tests `path::name` in a document that don't exist."""
    return [
        f"{path}::{name}"
        for path, name in TEST.findall(text)
        if not (ROOT / path).is_file()
        or not re.search(rf"^def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_that_a_document_names_exists(document: Path) -> None:
    part = document.parent.relative_to(ROOT).as_posix()
    whole = document.parent == ROOT or part == "docs"
    # A part's README names files of this part, or files of others by their path from the root.
    files = FILES if whole else tuple(file for file in FILES if file.startswith(f"/{part}/"))
    roots = set() if whole else set(FILES)
    assert [name for name in missing(document.read_text(encoding="utf-8"), files) if f"/{name}" not in roots] == []


def test_a_name_of_no_file_is_found() -> None:
    text = "`gone.py` and `api/here.py`\n| step | `other/`: `api/here.py` |\n```\n`block.py`\n```\n"
    assert missing(text, ("/part/src/part/api/here.py",)) == ["gone.py", "api/here.py"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_test_that_a_document_names_exists(document: Path) -> None:
    assert gone(document.read_text(encoding="utf-8")) == []


def test_a_name_of_no_test_is_found() -> None:
    here = "tests/architecture/test_files_that_documents_name.py"
    text = f"`{here}::test_a_name_of_no_test_is_found`, `{here}::test_a_name_of_no_test` and `test_nowhere.py::test_x`"
    assert gone(text) == [f"{here}::test_a_name_of_no_test", "test_nowhere.py::test_x"]


def test_the_readme_counts_the_files_of_the_road_of_a_ticket() -> None:
    rows = [line for line in (ROOT / "docs/architecture.md").read_text(encoding="utf-8").splitlines() if "`: `" in line]
    counts = [len(list(names(row))) for row in rows]
    stated = ROAD.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert stated is not None
    assert (sum(counts[:5]), sum(counts[5:])) == (int(stated[1]), int(stated[2]))
