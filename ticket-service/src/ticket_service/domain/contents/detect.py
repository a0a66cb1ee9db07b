"""Checks that a file's content matches the extension of its name."""

import re
from collections.abc import Callable
from typing import BinaryIO

from ticket_service.domain.contents import compound, office, texts
from ticket_service.domain.file_names import extension_of
from ticket_service.domain.files import FORMATS, BadFile, Format, Kind

PDF = b"%PDF-"
VERSION = re.compile(rb"%PDF-[12]\.\d")
WHITESPACE = b"\t\n\x0c\r \x00\xef\xbb\xbf"
MAX_PREFIX_BYTES = 1024
ACCEPTED_EXTENSIONS = "pdf, docx, xlsx, xls, csv, txt, md, html"


def detect_format(content: BinaryIO, name: str, kind: str | None) -> Format:
    """Return a file's format; raise BadFile where the content doesn't match the name or `kind`.

    The content shows only that a file is text; its name decides which kind of text it is.
    """
    extension = extension_of(name)
    found = FORMATS.get(extension)
    if found is None:
        what = f"Files with the extension .{extension}" if extension else "Files without an extension"
        raise BadFile(f"{what} are not accepted; accepted are {ACCEPTED_EXTENSIONS}.")
    CHECKS[extension](content)
    if kind is not None and kind != found.kind:
        kinds = ", ".join(Kind)
        message = (
            f"The file is {found.kind}." if kind in set(Kind) else f"Not one of {kinds}; the file is {found.kind}."
        )
        raise BadFile(message, field="kind")
    return found


def head(content: BinaryIO, size: int) -> bytes:
    """Return a file's first bytes."""
    content.seek(0)
    return content.read(size)


def _is_pdf(content: BinaryIO) -> None:
    if not VERSION.match(head(content, MAX_PREFIX_BYTES).lstrip(WHITESPACE)):
        raise BadFile("The content is not a PDF, although the name says so.")


def _is_workbook(content: BinaryIO) -> None:
    if not head(content, len(compound.MAGIC)) == compound.MAGIC:
        raise BadFile("The content is not an Excel workbook, although the name says so.")
    names = compound.entry_names(content)
    if "encryptedpackage" in names:
        raise BadFile(office.PROTECTED)
    if not names & {"workbook", "book"}:
        raise BadFile("The content is not an Excel workbook, although the name says so.")
    if "_vba_project_cur" in names or "macros" in names:
        raise BadFile("The workbook holds macros; save it without them.")


def _is_text(content: BinaryIO) -> None:
    begins = head(content, texts.SAMPLE_BYTES)
    for magic, what in ((PDF, "a PDF"), (office.MAGIC, "a ZIP archive"), (compound.MAGIC, "an Office document")):
        if begins.lstrip(WHITESPACE).startswith(magic):
            raise BadFile(f"The content is {what}, although the name says otherwise.")
    texts.check_text(content)


def _is_html(content: BinaryIO) -> None:
    _is_text(content)
    texts.check_markup(head(content, texts.SAMPLE_BYTES))


CHECKS: dict[str, Callable[[BinaryIO], None]] = {
    "pdf": _is_pdf,
    "docx": lambda content: office.check_document(content, "word"),
    "xlsx": lambda content: office.check_document(content, "excel"),
    "xls": _is_workbook,
    "csv": _is_text,
    "txt": _is_text,
    "text": _is_text,
    "md": _is_text,
    "markdown": _is_text,
    "html": _is_html,
    "htm": _is_html,
}
