"""A document, its parsed text, its passages, and the error of a file without text."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class DocumentState(StrEnum):
    """How far a document is."""

    WAITING = "waiting"
    READING = "reading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class Document:
    """A document as its company sees it."""

    id: UUID
    company_id: int
    name: str
    kind: str
    origin: str
    """`file`: uploaded here; `outside`: another producer named it."""
    version: int
    state: DocumentState
    reason_code: str | None
    reason: str | None
    pages: int | None
    chunks: int
    chunks_read: int
    """How many of the passages have been read so far, while it is being read."""
    revision: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Section:
    """A piece of a document that belongs together: what stands below one heading on one page or sheet."""

    text: str
    heading: tuple[str, ...] = ()
    """The headings it stands below, outermost first."""
    place: str = ""
    """Where a person finds it: `p. 3`, `sheet Prices`; empty where the kind of file knows no places."""


@dataclass(frozen=True)
class Parsed:
    """A file's text by sections, in their order."""

    title: str
    """What the document calls itself; else its file's name without the ending."""
    sections: tuple[Section, ...]
    pages: int | None = None
    """Pages or sheets; None where the kind of file has none."""


@dataclass(frozen=True)
class Chunk:
    """A passage of a document, small enough for one vector."""

    ordinal: int
    """Its place in the document, from 0."""
    text: str
    """What is shown and cited: the document's own words."""
    title: str
    heading: tuple[str, ...]
    place: str

    @property
    def searched(self) -> str:
        """Return what is searched: title and headings in front, which say what a passage often doesn't."""
        title = self.title if speaks(self.title) else ""
        head = " > ".join(each for each in dict.fromkeys((title, *self.heading)) if each)
        return f"{head}\n{self.text}" if head else self.text


def speaks(title: str) -> bool:
    """Tell whether a title says something: `doc00012` and `4711-0815` would only blur what a passage is about."""
    parts = re.findall(r"\w+", title.replace("_", " "))
    spoken = [part for part in parts if part.isalpha()]
    return bool(spoken) and len(spoken) * 2 >= len(parts)


class Unreadable(Exception):
    """A file that gives no text; for its owner to read, so it says what to do."""

    def __init__(self, code: str, reason: str) -> None:
        """`code` is stable (`scanned`, `broken`, `encrypted`, `too_large`, `too_slow`, `wrong_kind`, `empty`)."""
        super().__init__(reason)
        self.code = code
        self.reason = reason
