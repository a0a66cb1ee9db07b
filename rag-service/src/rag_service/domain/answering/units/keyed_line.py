"""Reads a line of a list or form as a key and its value: `Approved by: …`, `Haircut – 35 EUR`, `Soup ..... 4.50`."""

import re

from rag_service.domain.answering.language.sentences import Sentence
from rag_service.domain.answering.tables.columns import cells

MAX_CHARACTERS = 160
_COLON = re.compile(r"([^:\n]{2,60}):(?:\s+(\S.*))?")
_DASH = re.compile(r"(\S[^:–—\n]{1,59}?)\s(?:[–—]|--?)\s(\S.*)")
_LEADERS = re.compile(r"(\S[^:\n]{1,59}?)\s?(?:\.{3,}|(?:\.\s){3,}|…{1,}|_{3,})\s?(\S.*)")
_PAIR = 2


def keyed(sentence: Sentence) -> tuple[str, str] | None:
    """Return the key and the value of a line, whose value may stand in the next line; None if it has no key."""
    line = sentence.shown
    if len(line) > MAX_CHARACTERS or line.endswith("?"):
        return None
    if sentence.kind == "table":
        return _of_row(line)
    if found := _LEADERS.fullmatch(line) or (sentence.kind == "item" and _DASH.fullmatch(line)):
        return found[1], found[2]
    if line.count(": ") <= 1 and (found := _COLON.fullmatch(line)):
        return found[1], found[2] or ""
    return None


def _of_row(line: str) -> tuple[str, str] | None:
    """Return the only cell with its name, or the two cells of a row without names."""
    found = list(cells(line))
    if len(found) == 1 and found[0][0]:
        return found[0]
    if len(found) == _PAIR and not any(name for name, _ in found):
        return found[0][1], found[1][1]
    return None
