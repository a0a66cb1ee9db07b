"""Word documents: headings, paragraphs and tables in document order."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from lxml import etree

from rag_service.adapters.parsing import archive
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.outline import Outline
from rag_service.adapters.parsing.tables import add_tables, placed
from rag_service.adapters.parsing.word_tables import cells_of
from rag_service.adapters.parsing.word_text import MC, Styles, W, paragraph_text
from rag_service.domain.document import Unreadable

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
NOTES = ("/footnotes", "/endnotes")
WRAPPERS = {
    f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}ins", f"{W}smartTag", f"{MC}AlternateContent", f"{MC}Choice",
}  # fmt: skip

_CONTINUED = re.compile(r"continued|fortsetzung|suite du tableau|continuación|vervolg|segue", re.IGNORECASE)


def read(data: bytes, limits: Limits) -> Outline:
    """Return the outline. Raises Unreadable."""
    if data.startswith(OLE):
        if ENCRYPTED_PACKAGE in data:
            raise Unreadable("encrypted", "The document is protected by a password; save it without one.")
        raise Unreadable("wrong_kind", "The file is no .docx; save it as one (older .doc files can't be read).")
    if not data.startswith(b"PK"):
        raise Unreadable("wrong_kind", "The file is not a Word document.")
    names = set(archive.checked_archive(data, limits).namelist())
    if "[Content_Types].xml" not in names or not any(name.startswith("word/") for name in names):
        raise Unreadable("wrong_kind", "The file is not a Word document.")
    try:
        document = docx.Document(BytesIO(data))
    except ValueError:
        raise Unreadable("wrong_kind", "The file is no plain .docx; save it as one, without macros.") from None
    except (PackageNotFoundError, KeyError, etree.XMLSyntaxError) as error:
        raise Unreadable("broken", f"The document is damaged ({type(error).__name__}).") from None
    outline = Outline(limits)
    outline.set_title(document.core_properties.title)
    styles = Styles(document.styles.element)
    _Body(outline, styles).add(document.element.body)
    for note in _notes(document.part):
        _Body(outline, styles).add(note)
    return outline


def _notes(part: Any) -> Iterator[Any]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    for relation in part.rels.values():
        if not relation.is_external and relation.reltype.endswith(NOTES):
            yield from etree.fromstring(relation.target_part.blob, parser)


class _Body:
    """Adds the content of a body, a cell or a note; the XML parser allows at most 256 levels."""

    def __init__(self, outline: Outline, styles: Styles) -> None:
        self._outline = outline
        self._styles = styles
        self._names: list[str] = []
        """Of the columns of the table above, until other text follows: a table may go on in a further one."""

    def add(self, body: Any) -> None:
        for element in _blocks(body):
            if element.tag == f"{W}p":
                self._paragraph(element)
            else:
                self._table(element)

    def _paragraph(self, paragraph: Any) -> None:
        text = paragraph_text(paragraph, self._styles)
        if not text.strip():
            return
        if not _CONTINUED.search(text):
            self._names = []
        level = self._styles.level(paragraph)
        if level is not None:
            self._outline.heading(level, text)
        elif self._styles.is_item(paragraph):
            self._outline.add(f"- {text.strip()}")
        else:
            self._outline.add(text)

    def _table(self, table: Any) -> None:
        rows = [list(_below(row, f"{W}tc")) for row in _below(table, f"{W}tr")]
        if all(len(cells) < 2 for cells in rows):
            # A frame around text.
            for cell in (cell for cells in rows for cell in cells):
                self.add(cell)
            return
        cells = cells_of(table, self._styles, _below, self._cell)
        self._names = add_tables(self._outline, placed(cells), names=self._names)

    def _cell(self, cell: Any) -> str:
        # Tables in cells are read with the cell.
        return "\n".join(paragraph_text(paragraph, self._styles) for paragraph in cell.iter(f"{W}p")).strip()


def _below(parent: Any, tag: str) -> Iterator[Any]:
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in WRAPPERS:
            yield from _below(child, tag)


def _blocks(body: Any) -> Iterator[Any]:
    for child in body:
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag in WRAPPERS:
            yield from _blocks(child)
