"""Reads the names in an OLE compound file: the container of xls, and of other formats (doc, msi, …)."""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from ticket_service.domain.files import BadFile

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HEADER_BYTES = 512
MAX_SECTOR_NUMBER = 0xFFFFFFFA
MAX_DIRECTORY_SECTORS = 2_000
MAX_TABLE_SECTORS = 2_000
ENTRY_BYTES = 128


def entry_names(content: BinaryIO) -> frozenset[str]:
    """Return the names of all streams and folders in lower case; raise BadFile for a broken file."""
    try:
        return frozenset(name.lower() for name in _names(content))
    except (struct.error, UnicodeDecodeError, ValueError) as error:
        raise BadFile("The file is broken.") from error


def _names(content: BinaryIO) -> Iterator[str]:
    content.seek(0)
    header = content.read(HEADER_BYTES)
    (shift,) = struct.unpack_from("<H", header, 0x1E)
    if header[: len(MAGIC)] != MAGIC or shift not in (9, 12):
        raise ValueError("no compound file")
    size = 1 << shift
    tables = _table_sectors(content, header, size)
    (sector,) = struct.unpack_from("<L", header, 0x30)
    seen: set[int] = set()
    while sector <= MAX_SECTOR_NUMBER:
        if sector in seen or len(seen) >= MAX_DIRECTORY_SECTORS:
            raise ValueError("a directory without an end")
        seen.add(sector)
        yield from _entries(_sector(content, sector, size))
        table, place = divmod(sector, size // 4)
        if table >= len(tables):
            raise ValueError("a directory that leaves the file")
        (sector,) = struct.unpack_from("<L", _sector(content, tables[table], size), place * 4)


def _table_sectors(content: BinaryIO, header: bytes, size: int) -> list[int]:
    """Return the sectors of the allocation table, which names each sector's successor."""
    found = list(struct.unpack_from("<109L", header, 0x4C))
    (sector,) = struct.unpack_from("<L", header, 0x44)
    for _ in range(MAX_TABLE_SECTORS):
        if sector > MAX_SECTOR_NUMBER:
            break
        numbers = struct.unpack_from(f"<{size // 4}L", _sector(content, sector, size))
        found += numbers[:-1]
        sector = numbers[-1]
    return [number for number in found if number <= MAX_SECTOR_NUMBER]


def _sector(content: BinaryIO, number: int, size: int) -> bytes:
    content.seek((number + 1) * size)
    return content.read(size)


def _entries(raw: bytes) -> Iterator[str]:
    for at in range(0, len(raw), ENTRY_BYTES):
        (length,) = struct.unpack_from("<H", raw, at + 64)
        if raw[at + 66] in (1, 2) and 2 <= length <= 64:
            yield raw[at : at + length - 2].decode("utf-16-le")
