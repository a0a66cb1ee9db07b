"""Citations: the sentences of an answer with the passages that they cite, and these as numbered sources."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from rag_service.domain.answering.safety.prompt_injection import sanitized
from rag_service.domain.passage import Passage

MAX_NAME_CHARACTERS = 80
"""Characters of a title or place in a citation."""
_FENCE = re.compile(r"^\s*(?:```|~~~)[^\n]*\n|\n\s*(?:```|~~~)\s*$")
_BREAKS_IT = re.compile(r"[\[\]\s#:]+")


APPROVED = "approved"
"""The kind of a source that is a person's approved answer, not a document."""


@dataclass(frozen=True)
class Span:
    """A piece of a passage's text: `text[start:end]`."""

    chunk_id: UUID
    start: int
    end: int


@dataclass(frozen=True)
class Cited:
    """A sentence or step of an answer, with the passages that it cites."""

    text: str
    """Without its citations."""
    chunk_ids: tuple[UUID, ...]
    spans: tuple[Span, ...] = ()
    """The exact spans of a verbatim sentence; none if a model wrote it."""
    certain: bool = True
    """False if the cited passages support only a part of it."""


@dataclass(frozen=True)
class Source:
    """A cited passage, which people can open."""

    number: int
    """Its number in the citations, from 1."""
    chunk_id: UUID
    source_type: str
    source_id: str
    title: str
    locator: str
    score: float
    label: str
    """The citation in the text: `[vpn-handbook.pdf:p. 3#2]`."""


def label(title: str, locator: str, number: int) -> str:
    """Return a citation; it holds none of the marks that it is made of but its own, and no part of it is empty."""
    return f"[{_part(title) or 'document'}:{_part(locator) or 'text'}#{number}]"


def sources_of(cited: Iterable[Cited], passages: Iterable[Passage]) -> list[Source]:
    """Return the cited passages as sources, numbered in the order of their first citation."""
    known = {each.chunk_id: each for each in passages}
    order = dict.fromkeys(chunk for each in cited for chunk in each.chunk_ids if chunk in known)
    return [_source(known[chunk], number) for number, chunk in enumerate(order, 1)]


def labelled(cited: Cited, sources: Iterable[Source]) -> str:
    """Return a sentence with its citations behind it."""
    labels = [each.label for each in sources if each.chunk_id in cited.chunk_ids]
    return " ".join([cited.text, *labels])


def is_exact(cited: Cited, passages: Iterable[Passage]) -> bool:
    """Return whether a sentence is, word by word, the text of the spans that it cites."""
    texts = {each.chunk_id: each.text for each in passages}
    if not cited.spans or {span.chunk_id for span in cited.spans} != set(cited.chunk_ids):
        return False
    there = [texts.get(span.chunk_id, "")[span.start : span.end] for span in cited.spans]
    return all(piece and quoted(piece) == cited.text for piece in there)


def quoted(piece: str) -> str:
    """Return a piece of a passage for display: its own words, without active content."""
    piece = _FENCE.sub("", piece)
    return sanitized(piece, piece)


def _source(passage: Passage, number: int) -> Source:
    locator = passage.locator or (passage.heading[-1] if passage.heading else "")
    return Source(
        number, passage.chunk_id, passage.source_type, str(passage.document_id), passage.title, locator, passage.score,
        label(passage.title, locator, number),
    )  # fmt: skip


def _part(name: str) -> str:
    return _BREAKS_IT.sub(" ", sanitized(name)).strip()[:MAX_NAME_CHARACTERS].strip()
