"""The parts of an .xlsx that its sheets refer to: names, styles, shared texts."""

import posixpath
import zipfile
from dataclasses import dataclass, field
from typing import Any

from rag_service.adapters.parsing.raised import apart, raised
from rag_service.adapters.parsing.workbooks import xml
from rag_service.adapters.parsing.workbooks.locales import of_workbook
from rag_service.adapters.parsing.workbooks.number_format import BUILT_IN, NumberFormat

WORKBOOK = "xl/workbook.xml"
PROPERTIES = "docProps/app.xml"
MAX_SHEETS = 1_000
MAX_STYLES = 70_000
MAX_LOOKED_AT_TEXTS = 200
ON = ("1", "true", "on")


@dataclass(frozen=True)
class SheetPart:
    """A sheet of the workbook."""

    name: str
    hidden: bool
    part: str


@dataclass
class Package:
    """The parts that the sheets of a workbook share."""

    sheets: list[SheetPart] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    formats: list[NumberFormat] = field(default_factory=list)
    """By the style of a cell."""
    bold: list[bool] = field(default_factory=list)
    """By the style of a cell."""


def read_package(packed: zipfile.ZipFile) -> Package:
    """Return the shared parts. Raises BrokenPart."""
    since_1904 = False
    found: list[tuple[str, bool, str]] = []

    def workbook(name: str, attributes: dict[str, str]) -> None:
        nonlocal since_1904
        if name == "workbookPr":
            since_1904 = attributes.get("date1904", "") in ON
        elif name == "sheet" and len(found) < MAX_SHEETS:
            hidden = attributes.get("state", "visible") != "visible"
            found.append((attributes.get("name", ""), hidden, xml.attribute(attributes, "id")))

    xml.read_whole(packed, WORKBOOK, xml.parser(workbook))
    parts, kinds = _relations(packed, WORKBOOK)
    package = Package()
    package.sheets = [
        SheetPart(name, hidden, parts[id_])
        for name, hidden, id_ in found
        if id_ in parts and kinds.get(id_) == "worksheet"
    ]
    if len(package.sheets) < len([id_ for *_, id_ in found if kinds.get(id_) in ("worksheet", None)]):
        raise xml.BrokenPart(WORKBOOK)
    by_kind = {kind: parts[id_] for id_, kind in kinds.items()}
    names = set(packed.namelist())
    if by_kind.get("sharedStrings") in names:
        package.texts = _texts(packed, by_kind["sharedStrings"])
    codes, bold = _styles(packed, by_kind["styles"]) if by_kind.get("styles") in names else ([""], [False])
    properties = packed.read(PROPERTIES)[:20_000].decode("utf-8", "replace") if PROPERTIES in names else ""
    words = " ".join(package.texts[:MAX_LOOKED_AT_TEXTS])
    locale = of_workbook(codes, properties, [sheet.name for sheet in package.sheets], words)
    package.formats = [NumberFormat(code, locale, since_1904) for code in codes]
    package.bold = bold
    return package


def _relations(packed: zipfile.ZipFile, part: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the parts that a part refers to, and their kinds, by their ids."""
    folder, name = posixpath.split(part)
    parts: dict[str, str] = {}
    kinds: dict[str, str] = {}

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name != "Relationship" or attributes.get("TargetMode") == "External":
            return
        target = attributes.get("Target", "")
        path = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        parts[attributes.get("Id", "")] = path
        kinds[attributes.get("Id", "")] = attributes.get("Type", "").rpartition("/")[2]

    xml.read_whole(packed, f"{folder}/_rels/{name}.rels", xml.parser(relation))
    return parts, kinds


def _texts(packed: zipfile.ZipFile, part: str) -> list[str]:
    """Return the shared texts, without their reading aids for Japanese."""
    texts: list[str] = []
    pieces: list[str] = []
    aid = first = 0
    is_raised = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal aid, first, is_raised
        if name == "t" and not aid:
            first = len(pieces)
            reader.CharacterDataHandler = pieces.append
        elif name == "vertAlign":
            is_raised = attributes.get("val") == "superscript"
        elif name == "rPh":
            aid += 1

    def end(name: str) -> None:
        nonlocal aid, is_raised
        if name == "t":
            reader.CharacterDataHandler = None
            if is_raised:
                text = "".join(pieces[first:])
                pieces[first:] = [raised(text) or text]
        elif name == "r":
            is_raised = False
        elif name == "rPh":
            aid -= 1
        elif name == "si":
            texts.append(apart("".join(pieces).strip()))
            pieces.clear()

    reader: Any = xml.parser(start, end)
    xml.read_whole(packed, part, reader)
    return texts


def _styles(packed: zipfile.ZipFile, part: str) -> tuple[list[str], list[bool]]:
    """Return each cell style's number format and whether it is bold."""
    own: dict[int, str] = {}
    bold_fonts: list[bool] = []
    styles: list[tuple[int, int]] = []
    inside = ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        if name in ("fonts", "cellXfs", "cellStyleXfs", "dxfs"):
            inside = name
        elif name == "numFmt" and inside != "dxfs":
            own[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif name == "font" and inside == "fonts":
            bold_fonts.append(False)
        elif name == "b" and inside == "fonts" and bold_fonts:
            bold_fonts[-1] = attributes.get("val", "1") in ON
        elif name == "xf" and inside == "cellXfs" and len(styles) < MAX_STYLES:
            styles.append((_number(attributes.get("numFmtId")), _number(attributes.get("fontId"))))

    xml.read_whole(packed, part, xml.parser(start))
    codes = [own.get(number, BUILT_IN.get(number, "")) for number, _ in styles]
    bold = [font < len(bold_fonts) and bold_fonts[font] for _, font in styles]
    return codes or [""], bold or [False]


def _number(given: str | None) -> int:
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 8 else 0
