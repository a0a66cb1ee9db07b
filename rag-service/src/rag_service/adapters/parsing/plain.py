"""Plain text: paragraphs, tables of aligned lines, and headings that are underlined with a line of signs."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from rag_service.adapters.parsing.decoding import decoded
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.outline import MAX_HEADING_CHARACTERS, Outline
from rag_service.adapters.parsing.tables import add_tables
from rag_service.adapters.parsing.tables.aligned import grid, has_gap, is_rule, may_hold_table, tables_in

_PARAGRAPHS = re.compile(r"\n[ \t]*\n")
_RULE = re.compile(r"(=|-|~){3,}[ \t]*")


def read(data: bytes, limits: Limits) -> Outline:
    """Return the outline. Raises Unreadable."""
    outline = Outline(limits)
    text = decoded(data).replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")
    for run in _runs(paragraph.strip("\n") for paragraph in _PARAGRAPHS.split(text)):
        rows = grid("\n\n".join(run).split("\n")) if len(run) > 1 else []
        if rows:
            add_tables(outline, rows)
            continue
        for each in run:
            _add_text(outline, each)
    return outline


def _add_text(outline: Outline, text: str) -> None:
    """Add a paragraph, and the tables in it."""
    if not may_hold_table(text):
        _add(outline, text)
        return
    title = ""
    for piece, following in pairwise([*tables_in(text), ""]):
        if isinstance(piece, list):
            add_tables(outline, piece, title=title)
            title = ""
        elif isinstance(following, list) and "\n" not in piece and len(piece) <= MAX_HEADING_CHARACTERS:
            title = piece.strip()
        else:
            for paragraph in _PARAGRAPHS.split(piece):
                _add(outline, paragraph)


def _runs(paragraphs: Iterable[str]) -> Iterator[list[str]]:
    """Yield paragraphs; together those in a row that may be one table, with empty lines between its rows."""
    run: list[str] = []
    for paragraph in paragraphs:
        if may_hold_table(paragraph) and all(has_gap(line) or is_rule(line) for line in paragraph.split("\n")):
            run.append(paragraph)
            continue
        if run:
            yield run
            run = []
        yield [paragraph]
    if run:
        yield run


def _add(outline: Outline, paragraph: str) -> None:
    line, _, rest = paragraph.partition("\n")
    rule, _, below = rest.partition("\n")
    if 0 < len(line.strip()) <= MAX_HEADING_CHARACTERS and _RULE.fullmatch(rule) and len(rule) <= 2 * len(line) + 4:
        outline.heading(1 if rule[0] == "=" else 2, line)
        paragraph = below
    outline.add(paragraph)
