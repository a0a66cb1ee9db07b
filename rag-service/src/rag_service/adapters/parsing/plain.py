"""Plain text: paragraphs, and headings that are underlined with a line of signs."""

import re

from rag_service.adapters.parsing.decoding import decoded
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.outline import MAX_HEADING_CHARACTERS, Outline

_PARAGRAPHS = re.compile(r"\n[ \t]*\n")
_RULE = re.compile(r"(=|-|~){3,}[ \t]*")


def read(data: bytes, limits: Limits) -> Outline:
    """Return the outline. Raises Unreadable."""
    outline = Outline(limits)
    text = decoded(data).replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")
    for paragraph in _PARAGRAPHS.split(text):
        _add(outline, paragraph.strip("\n"))
    return outline


def _add(outline: Outline, paragraph: str) -> None:
    line, _, rest = paragraph.partition("\n")
    rule, _, below = rest.partition("\n")
    if 0 < len(line.strip()) <= MAX_HEADING_CHARACTERS and _RULE.fullmatch(rule) and len(rule) <= 2 * len(line) + 4:
        outline.heading(1 if rule[0] == "=" else 2, line)
        paragraph = below
    outline.add(paragraph)
