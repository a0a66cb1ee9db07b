"""PDF: page by page, headings by the size of their letters, ruled tables by their cells."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.outline import MAX_HEADING_CHARACTERS, Outline
from rag_service.adapters.parsing.pdf_page import HYPHENS, Line, Page, read_page
from rag_service.adapters.parsing.pdf_tables import Table, Tables
from rag_service.domain.document import Unreadable

SIGNATURE_WITHIN = 1024
MIN_PAGE_CHARACTERS = 50
LARGER = 1.15
HEADING_SIZES = 4
REPEATED_SHARE, REPEATED_PAGES, EDGE_LINES = 0.6, 4, 2
FULL_SHARE = 0.75
_DIGITS = re.compile(r"\d+")
_ENDS = re.compile(r"[.!?:;…\"”)\]]$")
_BEGINS_ITEM = re.compile(r"[-•–*▪◦]\s|\(?\d{1,3}[.)]\s|\(?[a-zA-Z][.)]\s")


def read(data: bytes, limits: Limits) -> Outline:
    """Return the outline. Raises Unreadable."""
    if b"%PDF-" not in data[:SIGNATURE_WITHIN]:
        raise Unreadable("wrong_kind", "The file is not a PDF.")
    with _opened(data) as document:
        if len(document) > limits.pages:
            raise Unreadable("too_large", f"The file has more than {limits.pages:,} pages; split it.")
        outline = Outline(limits)
        outline.pages = len(document)
        outline.set_title(_title(document))
        pages = list(_pages(document, limits))
    _expect_text(pages)
    tables = Tables(data, limits)
    repeated = _repeated(pages)
    headings = _heading_sizes(pages)
    for number, page in enumerate(pages, 1):
        outline.begin_locator(f"p. {number}")
        lines = [line for line in page.lines if _key(line.text) not in repeated]
        _add(outline, lines, headings, tables.on(number) if page.ruled else [])
    return outline


def _opened(data: bytes) -> Any:
    try:
        return pypdfium2.PdfDocument(data, autoclose=True)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise Unreadable("encrypted", "The PDF is protected by a password; save it without one.") from None
        raise Unreadable("broken", "The PDF is damaged: it can't be opened.") from None


def _title(document: Any) -> str:
    try:
        return str(document.get_metadata_dict().get("Title") or "")
    except (UnicodeError, pypdfium2.PdfiumError):
        return ""


def _pages(document: Any, limits: Limits) -> Iterator[Page]:
    left = limits.characters
    for number in range(len(document)):
        try:
            page = document[number]
            found = read_page(page)
            page.close()
        except pypdfium2.PdfiumError:
            # One damaged page does not spoil the others.
            found = Page([], pictured=False, ruled=False)
        left -= sum(len(line.text) for line in found.lines)
        if left < 0:
            raise Unreadable(
                "too_large", f"The file holds more than {limits.characters:,} characters of text; split it."
            )
        yield found


def _expect_text(pages: Sequence[Page]) -> None:
    if not pages:
        raise Unreadable("broken", "The PDF is damaged: it has no pages.")
    lengths = [sum(len(line.text) for line in page.lines) for page in pages]
    bare = sum(length < MIN_PAGE_CHARACTERS and page.pictured for length, page in zip(lengths, pages, strict=True))
    if not any(lengths) or bare * 2 > len(pages):
        raise Unreadable("scanned", "The pages are pictures without text; run text recognition over the file first.")


def _key(text: str) -> str:
    return _DIGITS.sub("#", text)


def _repeated(pages: Sequence[Page]) -> set[str]:
    """Return the lines at the edges of most pages, page numbers aside; they say nothing about a single page."""
    if len(pages) < REPEATED_PAGES:
        return set()
    seen: Counter[str] = Counter()
    for page in pages:
        ordered = sorted(page.lines, key=lambda line: -line.top)
        seen.update({_key(line.text) for line in (*ordered[:EDGE_LINES], *ordered[-EDGE_LINES:])})
    return {key for key, times in seen.items() if times >= REPEATED_SHARE * len(pages)}


def _heading_sizes(pages: Sequence[Page]) -> dict[float, int]:
    """Return the font sizes of headings and their levels: sizes larger than that of most of the text."""
    letters: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            letters[line.size] += len(line.text)
    usual = letters.most_common(1)[0][0] if letters else 0.0
    larger = sorted((size for size in letters if size > usual * LARGER), reverse=True)
    return {size: min(level, HEADING_SIZES) for level, size in enumerate(larger, 1)}


def _add(outline: Outline, lines: Sequence[Line], headings: dict[float, int], tables: list[Table]) -> None:
    """Add a page: lines become paragraphs, those within a table's frame become its rows."""
    added: set[int] = set()
    paragraph: list[str] = []
    heading: tuple[int, list[str]] | None = None
    fullest = max((len(line.text) for line in lines), default=0)

    def close() -> None:
        nonlocal heading
        if heading:
            outline.heading(heading[0], " ".join(heading[1]))
        outline.add("".join(paragraph))
        paragraph.clear()
        heading = None

    for line in lines:
        inside = next((at for at, table in enumerate(tables) if table.holds(line.left, line.top)), None)
        if inside is not None:
            if inside not in added:
                added.add(inside)
                close()
                outline.add("\n".join(tables[inside].lines))
            continue
        text = _mended(line.text)
        level = headings.get(line.size) if len(text) <= MAX_HEADING_CHARACTERS else None
        if level is not None:
            if heading and heading[0] == level and not paragraph:
                heading[1].append(text)
            else:
                close()
                heading = level, [text]
            continue
        if heading:
            close()
        if paragraph:
            paragraph.append(_between(paragraph[-1], text, fullest))
        paragraph.append(text)
    close()


def _between(before: str, line: str, fullest: int) -> str:
    """Return the separator of two lines: none inside a word, a space inside a sentence, else a line end."""
    if before.endswith(HYPHENS):
        return ""
    if _BEGINS_ITEM.match(line):
        return "\n"
    if line[0].islower() or (len(before) >= FULL_SHARE * fullest and not _ENDS.search(before)):
        return " "
    return "\n"


def _mended(text: str) -> str:
    """Return a line without the marks of broken words that PDFium has joined already; one at its end stays."""
    for mark in HYPHENS:
        text = text[:-1].replace(mark, "") + text[-1:]
    return text
