"""A document, its parsed text, its passages, and the error of a file without text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class DocumentState(StrEnum):
    """The state of a document."""

    WAITING = "waiting"
    READING = "reading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class FileVersion:
    """A version of a file to ingest."""

    company_id: int
    document: UUID
    version: int
    name: str
    kind: str
    origin: str
    path: str | None = None
    """Where an external producer's file is."""


@dataclass(frozen=True)
class Document:
    """A document as its company sees it."""

    id: UUID
    company_id: int
    name: str
    kind: str
    origin: str
    """`file`: uploaded here; `outside`: an external producer's."""
    version: int
    """The latest version that was read, or that can't be read."""
    searchable_version: int | None
    """The version whose passages are found; below `version` while the latest one can't be read. None: no version's."""
    state: DocumentState
    reason_code: str | None
    reason: str | None
    pages: int | None
    chunks: int
    chunks_read: int
    """Passages embedded so far, while the document is being ingested."""
    report: Mapping[str, Any] | None
    """The content of `reading_report.report_of`, about the searchable version; None without one."""
    revision: int
    created_at: datetime
    updated_at: datetime

    @property
    def shown_reason(self) -> str | None:
        """Return the reason for people. Where an older version still answers, it says which one can't be read."""
        if self.reason is None or self.state is not DocumentState.READY or self.searchable_version is None:
            return self.reason
        old = self.searchable_version
        if old < self.version:
            return f"Version {self.version} can't be read, so version {old} still answers. {self.reason}"
        return f"A newer version can't be read yet, so version {old} still answers. {self.reason}"


class PassageKind(StrEnum):
    """How the text of a section or passage is to be read."""

    PROSE = "prose"
    """Sentences, lists and code, as they stand in the document."""
    ROWS = "rows"
    """Rows of one table, one a line, never cut: `Column: value; Column: value`, or `value | value` without names."""
    QA = "qa"
    """A question on the first line, and its whole answer below it."""


@dataclass(frozen=True)
class Section:
    """A coherent piece of a document: the text below one heading on one page or sheet, or a table, or a question."""

    text: str
    heading: tuple[str, ...] = ()
    """The headings above it, outermost first."""
    locator: str = ""
    """Its position for people: `p. 3`, `sheet Prices`; empty if the kind of file has no positions."""
    kind: PassageKind = PassageKind.PROSE


@dataclass(frozen=True)
class LeftOut:
    """Something of a file that was not read, and why."""

    code: str
    """Stable, such as `scanned_pages`, `hidden_columns`, `formulas_without_values`."""
    count: int
    """How many of them."""
    reason: str
    """A sentence for people: what was left out, where, and what to do about it."""


@dataclass(frozen=True)
class Parsed:
    """A file's text by sections, in their order."""

    title: str
    """The document's own title; else its file's name without the extension."""
    sections: tuple[Section, ...]
    pages: int | None = None
    """Pages or sheets; None where the kind of file has none."""
    left_out: tuple[LeftOut, ...] = ()
    saved: date | None = None
    """The day on which the file says that it was last saved."""


@dataclass(frozen=True)
class Chunk:
    """A passage of a document, small enough for one vector."""

    ordinal: int
    """Its position in the document, from 0."""
    text: str
    """The text that is shown and cited: the document's own words."""
    title: str
    heading: tuple[str, ...]
    locator: str
    kind: PassageKind = PassageKind.PROSE

    @property
    def searched(self) -> str:
        """Return the text to index: title and headings in front, because they often name the subject."""
        title = self.title if speaks(self.title) else ""
        head = " > ".join(each for each in dict.fromkeys((title, *self.heading)) if each)
        return f"{head}\n{self.text}" if head else self.text


def speaks(title: str) -> bool:
    """Return whether a title is meaningful: `doc00012` and `4711-0815` would only blur a passage's subject."""
    parts = re.findall(r"\w+", title.replace("_", " "))
    spoken = [part for part in parts if part.isalpha()]
    return bool(spoken) and len(spoken) * 2 >= len(parts)


class Unreadable(Exception):
    """A file without readable text; the reason tells its owner how to fix it."""

    def __init__(self, code: str, reason: str) -> None:
        """`code` is stable (`scanned`, `broken`, `encrypted`, `too_large`, `too_slow`, `wrong_kind`, `empty`)."""
        super().__init__(reason)
        self.code = code
        self.reason = reason
