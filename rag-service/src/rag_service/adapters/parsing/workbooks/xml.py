"""Reads the XML parts of a workbook as they unpack, without building trees: a sheet may have a million cells."""

import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from xml.parsers import expat

READ_BYTES = 1 << 16


class BrokenPart(Exception):
    """A part that is missing, or is no XML."""


def parser(start: Callable[[str, dict[str, str]], None], end: Callable[[str], None] | None = None) -> Any:
    """Return a parser that calls these with elements' names without their prefix, and passes no entity.

    `archive.checked_archive` refuses files that declare entities; this refuses them once more.
    """
    made = expat.ParserCreate()
    made.buffer_text = True
    local: dict[str, str] = {}

    def name_of(given: str) -> str:
        found = local.get(given)
        if found is None:
            found = given.rpartition(":")[2]
            if len(local) < 1_000:
                local[given] = found
        return found

    def refuse(*_: Any) -> None:
        raise BrokenPart

    made.StartElementHandler = lambda given, attributes: start(name_of(given), attributes)
    if end is not None:
        closing = end
        made.EndElementHandler = lambda given: closing(name_of(given))
    made.EntityDeclHandler = refuse
    made.StartDoctypeDeclHandler = refuse
    return made


def feed(packed: zipfile.ZipFile, part: str, reader: Any) -> Iterator[None]:
    """Give a part to a parser piece by piece; yield after each. Raises BrokenPart."""
    try:
        with packed.open(part) as file:
            while data := file.read(READ_BYTES):
                reader.Parse(data, False)
                yield
            reader.Parse(b"", True)
            yield
    except (KeyError, expat.ExpatError) as error:
        raise BrokenPart(part) from error


def give(reader: Any, data: bytes) -> None:
    """Give a parser a piece. Raises BrokenPart."""
    try:
        reader.Parse(data, False)
    except expat.ExpatError as error:
        raise BrokenPart from error


def read_whole(packed: zipfile.ZipFile, part: str, reader: Any) -> None:
    """Give a whole part to a parser. Raises BrokenPart."""
    for _ in feed(packed, part, reader):
        pass


def attribute(attributes: dict[str, str], name: str) -> str:
    """Return an attribute by its name without a prefix; empty if there is none."""
    found = attributes.get(name)
    if found is not None:
        return found
    return next((value for given, value in attributes.items() if given.rpartition(":")[2] == name), "")
