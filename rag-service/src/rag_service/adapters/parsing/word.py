"""Word documents: headings, paragraphs and tables in document order."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from lxml import etree

from rag_service.adapters.parsing import archive, saved_day
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.outline import Outline
from rag_service.adapters.parsing.questions import asks
from rag_service.adapters.parsing.raised import apart
from rag_service.adapters.parsing.strict_package import transitional
from rag_service.adapters.parsing.tables import add_tables, in_cell, placed
from rag_service.adapters.parsing.tables.aligned import has_gap, may_hold_table, tables_in
from rag_service.adapters.parsing.word_headings import BoldHeadings
from rag_service.adapters.parsing.word_notes import Notes
from rag_service.adapters.parsing.word_numbering import Numbering
from rag_service.adapters.parsing.word_parts import Parts, edges
from rag_service.adapters.parsing.word_shapes import MC, W, not_read, text_boxes
from rag_service.adapters.parsing.word_styles import Styles, element_of
from rag_service.adapters.parsing.word_tables import cells_of, is_layout
from rag_service.adapters.parsing.word_text import bold_lead, paragraph_text, pieces
from rag_service.domain.document import Unreadable

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
NO_WORD = "The file is not a Word document; save it as .docx, or upload it under its own kind."
DAMAGED = "The document is damaged ({}); open it in Word, save it again as .docx and upload that."
COMMENTS = "Comments of reviewers were not read; take over into the text what is to be known."
HIDDEN = "Text that Word does not show (hidden, or white on white) was not read; make it visible if it is to be known."
CONTENTS = "The table of contents was not read, because its headings were."
MAX_TITLE_CHARACTERS = 100
SENTENCE_ENDS = (".", ";", ",", "?", "!")
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
        raise Unreadable("wrong_kind", NO_WORD)
    packed = archive.checked_archive(data, limits)
    names = set(packed.namelist())
    if "[Content_Types].xml" not in names or not any(name.startswith("word/") for name in names):
        raise Unreadable("wrong_kind", NO_WORD)
    try:
        document = docx.Document(BytesIO(transitional(data, packed)))
        body, styles = document.element.body, Styles(document.styles.element)
        title = document.core_properties.title
    except ValueError:
        raise Unreadable("wrong_kind", "The file is no plain .docx; save it as one, without macros.") from None
    except (PackageNotFoundError, KeyError, AttributeError, etree.XMLSyntaxError) as error:
        raise Unreadable("broken", DAMAGED.format(type(error).__name__)) from None
    if body is None:
        raise Unreadable("broken", DAMAGED.format("no body"))
    outline = Outline(limits)
    outline.set_title(title)
    outline.saved = saved_day.of_package(packed)
    parts = Parts(document.part)
    _Body(outline, styles, Numbering(parts.root("numbering"), styles), Notes(parts, body, styles)).add(body)
    for kind in ("header", "footer"):
        if lines := edges(parts, body, kind, styles):
            outline.begin_locator(kind, below=False)
            outline.add("\n".join(lines))
    for code, reason, count in (
        *not_read(body), ("comments", COMMENTS, parts.comments()), ("hidden_text", HIDDEN, styles.hidden),
    ):  # fmt: skip
        if count:
            outline.leave_out(code, reason, count)
    return outline


class _Body:
    """Adds the content of a body or a text box; the XML parser allows at most 256 levels."""

    def __init__(self, outline: Outline, styles: Styles, numbering: Numbering, notes: Notes) -> None:
        self._outline = outline
        self._styles = styles
        self._numbering = numbering
        self._notes = notes
        self._names: list[str] = []
        """Of the columns of the table above, until other text follows: a table may go on in a further one."""
        self._above = ""
        """The paragraph directly above, where it reads as the title of a table."""
        self._tabbed: list[tuple[str, int | None, bool]] = []
        """Paragraphs with gaps inside, which may be rows; the level of each as a heading, and whether it stands out."""

    def add(self, body: Any) -> None:
        blocks = list(_blocks(body))
        bold = BoldHeadings(blocks, self._styles)
        for number, element in enumerate(blocks):
            if element.tag == f"{W}p":
                self._paragraph(element, bold.level(number))
                for box in text_boxes(element):
                    self._end_tabbed()
                    self.add(box)
            else:
                self._table(element)
            for note in self._notes.of(element):
                self._end_tabbed()
                self._outline.add(note)
        self._end_tabbed()

    def _paragraph(self, paragraph: Any, bold_level: int | None) -> None:
        self._above = ""
        has_style = element_of(paragraph, f"{W}pPr") is not None
        if has_style and self._styles.is_contents(paragraph):
            self._outline.leave_out("table_of_contents", CONTENTS)
            return
        found = self._numbering.label(paragraph) if has_style else None
        label = found.text if found else ""
        read = pieces(paragraph, self._styles)
        text = apart("".join(piece for piece, _ in read)).strip("\n")
        if not text.strip():
            return
        if not _CONTINUED.search(text):
            self._names = []
        level = self._styles.level(paragraph) if has_style else None
        lead = bold_lead(read)
        is_gapped = may_hold_table(text) and any(map(has_gap, text.split("\n")))
        if is_gapped and level is None and not label and not asks(lead):
            stands_out = lead == text.strip() or (has_style and self._styles.is_question(paragraph))
            self._tabbed.append((text, bold_level, stands_out))
            return
        self._end_tabbed()
        if level is None and found is None:
            level = bold_level
        if level is not None:
            self._outline.heading(level, text, label="" if found and found.is_bullet else label)
            return
        if has_style and found is None and self._styles.is_item(paragraph):
            label = "-"
        if lead and lead != text.strip() and asks(lead):
            self._outline.add(f"{label} {lead}".strip(), stands_out=True)
            self._outline.add(text.strip().removeprefix(lead).strip())
            return
        stands_out = lead == text.strip() or (has_style and self._styles.is_question(paragraph))
        self._outline.add(f"{label} {text.strip()}" if label else text, stands_out=stands_out)
        if not label and len(text) <= MAX_TITLE_CHARACTERS and not text.rstrip().endswith(SENTENCE_ENDS):
            self._above = text.strip().rstrip(": ")

    def _end_tabbed(self) -> None:
        """Add the paragraphs with gaps as the tables that they are, or as what they are alone."""
        tabbed, self._tabbed = self._tabbed, []
        kinds = {text: (level, stands_out) for text, level, stands_out in tabbed}
        pieces = list(tables_in("\n".join(text for text, *_ in tabbed)))
        if all(isinstance(piece, str) for piece in pieces):
            pieces = [text for text, *_ in tabbed]
        for piece in pieces:
            if isinstance(piece, list):
                add_tables(self._outline, piece)
                continue
            level, stands_out = kinds.get(piece, (None, False))
            if level is not None:
                self._outline.heading(level, piece)
            else:
                self._outline.add(piece, stands_out=stands_out)

    def _table(self, table: Any) -> None:
        self._end_tabbed()
        rows = [list(_below(row, f"{W}tc")) for row in _below(table, f"{W}tr")]
        if all(len(cells) < 2 for cells in rows) or is_layout(rows):
            # A frame around text, or around tables side by side.
            for cell in (cell for cells in rows for cell in cells):
                self.add(cell)
            return
        cells = cells_of(table, self._styles, _below, self._cell)
        title, self._above = self._above, ""
        self._names = add_tables(self._outline, placed(cells), names=self._names, title=title, title_in_text=True)

    def _cell(self, cell: Any) -> str:
        texts: list[str] = []
        for element in cell.iter(f"{W}p", f"{W}tbl"):
            inner = next(element.iterancestors(f"{W}tc")) is not cell
            if inner or next(element.iterancestors(f"{MC}Fallback"), None) is not None:
                continue
            if element.tag == f"{W}tbl":
                texts.append(in_cell(placed(cells_of(element, self._styles, _below, self._cell))))
                continue
            found = self._numbering.label(element)
            label = f"{found.text} " if found and not found.is_bullet and found.text else ""
            texts.append(f"{label}{paragraph_text(element, self._styles)}")
        return "\n".join(texts).strip()


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
        elif child.tag in WRAPPERS and child.find(f"{W}sdtPr/{W}showingPlcHdr") is None:
            yield from _blocks(child)
