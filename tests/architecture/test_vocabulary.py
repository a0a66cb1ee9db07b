"""One concept has one word, and it is the field's: docs/glossary.md lists them, this test refuses the others."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = sorted(path.parent for path in ROOT.glob("*/src") if path.parent.name != "node_modules")

FORBIDDEN_MODULES = re.compile(
    r"base|common|door|fence|gather|gauges|helpers|known|leftovers|manager|measures|own|parking|parts|planted|purse"
    r"|reading|receiving|ringing|rung|shelf|strangers|trouble|utils|wake|walls|words"
)
FORBIDDEN_WORDS = re.compile(
    r"\b(?:told|said|whoever|strangers?|believed?|believes|ringing|ringers?|purses?|shelf|shelves|rungs?|climbs?"
    r"|hurried|nobody waits|do the same)\b",
    re.IGNORECASE,
)
"""The private words of before, in names, comments and docstrings; `docs/glossary.md` has the standard terms."""
FORBIDDEN_NAMES = re.compile(r"_*(?:tells?_\w+|meet_\w+|carry_out\w*|take_in\w*|hang_out|hear|door|Door)")
"""Names of functions that say nothing of what these do."""
FORBIDDEN_CONSTANTS = re.compile(r"_?(?:MOST|LONGEST|SHORTEST|LARGEST|SMALLEST|FEWEST)_\w+")
"""A bound is MAX_ or MIN_ with its unit."""
RIDDLES = re.compile(r"(?:What|Who|Whoever|Do the same)\b")
"""A docstring begins with a verb or with the thing that it describes."""
DATA = re.compile(r"/(?:generated|migrations)/")
"""Word lists are the language of tickets; applied migrations don't change."""


def sources(part: Path) -> list[Path]:
    """Return a part's modules, but for generated and migration files."""
    return [path for path in sorted((part / "src").rglob("*.py")) if not DATA.search(path.as_posix())]


def names(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and text of each name in a module."""
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        if token.type == tokenize.NAME:
            yield token.start[0], token.string


def words(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and text of each name, comment and docstring of a module; other strings are data."""
    text = path.read_text(encoding="utf-8")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.NAME, tokenize.COMMENT):
            yield token.start[0], token.string.replace("_", " ")
    yield from docstrings(text)


def docstrings(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and text of each string that stands alone as a statement."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value


def places(part: Path, pattern: re.Pattern[str]) -> list[str]:
    """Return `file:line word` for each word of a part that a pattern finds."""
    return [
        f"{path.relative_to(ROOT)}:{line} {match[0]}"
        for path in sources(part)
        for line, text in words(path)
        for match in pattern.finditer(text)
    ]


def named(part: Path, pattern: re.Pattern[str]) -> list[str]:
    """Return `file:line name` for each name of a part that a pattern fits as a whole."""
    return [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in sources(part)
        for line, name in names(path)
        if pattern.fullmatch(name)
    ]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_no_module_has_a_name_that_says_nothing_or_only_we_understand(part: Path) -> None:
    assert [str(path.relative_to(ROOT)) for path in sources(part) if FORBIDDEN_MODULES.fullmatch(path.stem)] == []


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_no_private_word_is_left(part: Path) -> None:
    assert places(part, FORBIDDEN_WORDS) == []
    assert named(part, FORBIDDEN_NAMES) == []


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_bounds_are_called_max_and_min(part: Path) -> None:
    assert named(part, FORBIDDEN_CONSTANTS) == []


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_docstrings_are_sentences_with_a_subject(part: Path) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {docstring[:60]}"
        for path in sources(part)
        for line, docstring in docstrings(path.read_text(encoding="utf-8"))
        if RIDDLES.match(docstring.strip())
    ]
    assert found == []


def test_the_glossary_names_each_term_once() -> None:
    rows = [line.split("|")[1].strip() for line in (ROOT / "docs/glossary.md").read_text().splitlines() if "|" in line]
    terms = [row for row in rows if row and row != "term" and not row.startswith("---")]
    assert len(terms) > 50
    assert len(terms) == len(set(terms))
