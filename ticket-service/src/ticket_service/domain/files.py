"""Files of a company: kinds, formats, uploads and errors."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    """The kinds of files."""

    PDF = "pdf"
    WORD = "word"
    EXCEL = "excel"
    CSV = "csv"
    TEXT = "text"
    HTML = "html"
    MARKDOWN = "markdown"


@dataclass(frozen=True)
class Format:
    """An accepted file format."""

    kind: Kind
    content_type: str


FORMATS = {
    "pdf": Format(Kind.PDF, "application/pdf"),
    "docx": Format(Kind.WORD, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xlsx": Format(Kind.EXCEL, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "xls": Format(Kind.EXCEL, "application/vnd.ms-excel"),
    "csv": Format(Kind.CSV, "text/csv"),
    "txt": Format(Kind.TEXT, "text/plain"),
    "text": Format(Kind.TEXT, "text/plain"),
    "html": Format(Kind.HTML, "text/html"),
    "htm": Format(Kind.HTML, "text/html"),
    "md": Format(Kind.MARKDOWN, "text/markdown"),
    "markdown": Format(Kind.MARKDOWN, "text/markdown"),
}
"""By the extension of the name, which the content must match."""


class BadFile(Exception):
    """A file is refused; `field` names the part of the request to correct."""

    def __init__(self, message: str, field: str = "file") -> None:
        super().__init__(message)
        self.errors = [{"field": field, "message": message}]


class NoSuchFile(Exception):
    """There is no such file in the caller's company."""

    def __init__(self) -> None:
        super().__init__("There is no such file.")


class VersionReplaced(Exception):
    """A newer upload replaced the requested version; its bytes are deleted."""

    def __init__(self, current: int) -> None:
        super().__init__(f"The file has version {current} by now, and older versions are not kept.")


@dataclass(frozen=True)
class Upload:
    """A file that was received and checked, before it is stored."""

    name: str
    format: Format
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredFile:
    """A stored file. `version` counts its uploads and is the revision of their events."""

    id: UUID
    company_id: int
    name: str
    kind: Kind
    content_type: str
    size: int
    sha256: str
    storage_key: UUID
    version: int
    uploaded_by: str
    uploaded_at: datetime
