"""Reads the day on which a file says that it was last saved; of two editions without dates it tells the newer."""

import re
import zipfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

CORE, OPEN_DOCUMENT = "docProps/core.xml", "meta.xml"
MAX_PART_BYTES = 100_000
MAX_TEXT_CHARACTERS = 100
EARLIEST = date(1985, 1, 1)
TEMPLATE = "2013-12-23T23:15:00Z"
"""A widespread library's template says so, whenever it is filled."""
_PDF = re.compile(r"(?:D:)?(\d{4})(\d{2})?(\d{2})?")
_ISO = re.compile(r"\s*(\d{4})-(\d{2})-(\d{2})(?![\d-])")
_MODIFIED = re.compile(rb"<(?:\w+:)?(modified|date|created|creation-date)\b[^>]{0,200}>([^<]{4,60})<")


def of_pdf(metadata: Mapping[str, str]) -> date | None:
    """Return the day of a PDF's properties: of its last change, else of its creation."""
    for name in ("ModDate", "CreationDate"):
        found = _PDF.match(str(metadata.get(name) or "")[:MAX_TEXT_CHARACTERS].strip())
        if found and (day := _day(found[1], found[2] or "01", found[3] or "01")):
            return day
    return None


def of_package(packed: zipfile.ZipFile) -> date | None:
    """Return the day of the properties of a docx, xlsx or ods."""
    names = packed.namelist()
    part = next((each for each in (CORE, OPEN_DOCUMENT) if each in names), None)
    if part is None:
        return None
    with packed.open(part) as file:
        found = dict(_MODIFIED.findall(file.read(MAX_PART_BYTES)))
    for name in (b"modified", b"date", b"created", b"creation-date"):
        if name in found and (day := of_text(found[name].decode("ascii", "replace"))):
            return day
    return None


def of_text(text: str) -> date | None:
    """Return the day at the beginning of a text such as `2031-04-02T08:15:00Z`."""
    text = text[:MAX_TEXT_CHARACTERS].strip()
    found = _ISO.match(text)
    return _day(*found.groups()) if found and text != TEMPLATE else None


def _day(year: str, month: str, day: str) -> date | None:
    """Return a possible day; a clock that was wrong names one in the future, or before there were such files."""
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    return found if EARLIEST <= found <= tomorrow else None
