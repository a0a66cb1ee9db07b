"""The report of a document: its parts that were read and those that were left out, for those who uploaded it."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from rag_service.domain.document import Chunk, Parsed, PassageKind
from rag_service.domain.languages import language_of

MAX_LANGUAGE_PASSAGES = 500
"""Passages whose language is looked at; of more, every so many."""


def report_of(parsed: Parsed, chunks: Sequence[Chunk], kind: str) -> dict[str, Any]:
    """Return the report of a readable document, as it is stored and shown.

    `read`: pages (or sheets) where the kind of file has them, passages, rows of tables, questions with their answers,
    characters, the share of each language among the passages that hold sentences, and the day on which the file says
    that it was saved. `left_out`: what was not read, with its count and why.
    """
    read: dict[str, Any] = {}
    if parsed.pages is not None:
        read["sheets" if kind == "excel" else "pages"] = parsed.pages
    read["passages"] = len(chunks)
    read["rows"] = sum(chunk.text.count("\n") + 1 for chunk in chunks if chunk.kind is PassageKind.ROWS)
    read["questions"] = sum(chunk.kind is PassageKind.QA for chunk in chunks)
    read["characters"] = sum(len(section.text) for section in parsed.sections)
    read["languages"] = _languages(chunks)
    if parsed.saved is not None:
        read["saved"] = parsed.saved.isoformat()
    left_out = [{"code": each.code, "count": each.count, "reason": each.reason} for each in parsed.left_out]
    return {"read": read, "left_out": left_out}


def _languages(chunks: Sequence[Chunk]) -> dict[str, float]:
    """Return the share of each language among the passages besides rows, which are seldom sentences."""
    spoken = [chunk for chunk in chunks if chunk.kind is not PassageKind.ROWS]
    looked_at = spoken[:: -(-len(spoken) // MAX_LANGUAGE_PASSAGES) or 1]
    found = Counter(language for chunk in looked_at if (language := language_of(chunk.text)))
    total = found.total()
    return {language: round(count / total, 2) for language, count in found.most_common() if count * 100 >= total}
