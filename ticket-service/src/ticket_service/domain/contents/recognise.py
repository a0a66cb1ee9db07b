"""Holds a file's content against what its name promises."""

import re
from collections.abc import Callable
from typing import BinaryIO

from ticket_service.domain.contents import compound, office, texts
from ticket_service.domain.file_names import ending
from ticket_service.domain.files import FORMATS, BadFile, Format, Kind

PDF = b"%PDF-"
VERSION = re.compile(rb"%PDF-[12]\.\d")
WHITESPACE = b"\t\n\x0c\r \x00\xef\xbb\xbf"
LONGEST_PREFIX = 1024
TAKEN = "pdf, docx, xlsx, xls, csv, txt, md, html"


def recognise(content: BinaryIO, name: str, kind: str | None) -> Format:
    """Return a file's format; raise BadFile where the content is not what the name, or `kind`, says.

    Kinds of text differ only in how they are read, so the name says which it is; that it is text is looked at.
    """
    promised = ending(name)
    found = FORMATS.get(promised)
    if found is None:
        what = f"Files that end in .{promised}" if promised else "Files without an ending"
        raise BadFile(f"{what} are not taken; there are {TAKEN}.")
    CHECKS[promised](content)
    if kind is not None and kind != found.kind:
        known = ", ".join(Kind)
        message = (
            f"The file is {found.kind}." if kind in set(Kind) else f"Not one of {known}; the file is {found.kind}."
        )
        raise BadFile(message, field="kind")
    return found


def head(content: BinaryIO, size: int) -> bytes:
    """Return a file's first bytes."""
    content.seek(0)
    return content.read(size)


def _is_pdf(content: BinaryIO) -> None:
    if not VERSION.match(head(content, LONGEST_PREFIX).lstrip(WHITESPACE)):
        raise BadFile("The content is not a PDF, although the name says so.")


def _is_workbook(content: BinaryIO) -> None:
    if not head(content, len(compound.MAGIC)) == compound.MAGIC:
        raise BadFile("The content is not an Excel workbook, although the name says so.")
    names = compound.entry_names(content)
    if not names & {"workbook", "book"}:
        raise BadFile("The content is not an Excel workbook, although the name says so.")
    if "_vba_project_cur" in names or "macros" in names:
        raise BadFile("The workbook holds macros; save it without them.")


def _is_text(content: BinaryIO) -> None:
    begins = head(content, texts.LOOK_BYTES)
    for magic, what in ((PDF, "a PDF"), (office.MAGIC, "a ZIP archive"), (compound.MAGIC, "an Office document")):
        if begins.lstrip(WHITESPACE).startswith(magic):
            raise BadFile(f"The content is {what}, although the name says otherwise.")
    texts.expect_text(content)


def _is_html(content: BinaryIO) -> None:
    _is_text(content)
    texts.expect_markup(head(content, texts.LOOK_BYTES))


CHECKS: dict[str, Callable[[BinaryIO], None]] = {
    "pdf": _is_pdf,
    "docx": lambda content: office.expect(content, "word"),
    "xlsx": lambda content: office.expect(content, "excel"),
    "xls": _is_workbook,
    "csv": _is_text,
    "txt": _is_text,
    "text": _is_text,
    "md": _is_text,
    "markdown": _is_text,
    "html": _is_html,
    "htm": _is_html,
}
