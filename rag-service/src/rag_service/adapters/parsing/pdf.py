"""PDF: page by page, headings by the size of their letters, tables by their rules or columns, forms by their fields."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from rag_service.adapters.parsing import saved_day
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.outline import Outline
from rag_service.adapters.parsing.pdf_breaks import joined_over_pages
from rag_service.adapters.parsing.pdf_flow import Flow
from rag_service.adapters.parsing.pdf_forms import begin_forms
from rag_service.adapters.parsing.pdf_headings import heading_levels
from rag_service.adapters.parsing.pdf_hyphens import Joiner
from rag_service.adapters.parsing.pdf_layout import Block, Line, Table
from rag_service.adapters.parsing.pdf_ligatures import Ligatures
from rag_service.adapters.parsing.pdf_page import Page, read_page
from rag_service.adapters.parsing.pdf_report import (
    MAX_UNKNOWN_SHARE,
    RECOGNIZE,
    SAVE_AGAIN,
    expect_form,
    expect_text,
    report,
    unknown_share,
)  # fmt: skip
from rag_service.adapters.parsing.pdf_running import Sheet, running_lines
from rag_service.domain.document import Unreadable

SIGNATURE_WITHIN = 1024


def read(data: bytes, limits: Limits) -> Outline:
    """Return the outline. Raises Unreadable."""
    if b"%PDF-" not in data[:SIGNATURE_WITHIN]:
        raise Unreadable("wrong_kind", "The file is not a PDF; save it as one, or upload it under its own kind.")
    ligatures = Ligatures()
    with _opened(data) as document:
        unreadable_form = begin_forms(document)
        if len(document) > limits.pages:
            raise Unreadable("too_large", f"The file has more than {limits.pages:,} pages; split it.")
        outline = Outline(limits)
        outline.pages = len(document)
        properties = _properties(document)
        outline.set_title(str(properties.get("Title") or ""))
        outline.saved = saved_day.of_pdf(properties)
        intact = bool(pdfium.FPDF_DocumentHasValidCrossReferenceTable(document.raw))
        pages = list(_pages(document, limits, ligatures))
        locators = _locators(document)
    expect_text(pages, intact=intact)
    if ligatures:
        readings = ligatures.readings(chain.from_iterable(map(_texts, pages)))
        pages = [_translated(page, readings) for page in pages]
    texts = list(chain.from_iterable(map(_texts, pages)))
    if unknown_share(texts) > MAX_UNKNOWN_SHARE:
        raise Unreadable("scanned", f"The file doesn't say what its letters are; {RECOGNIZE}.")
    if unreadable_form:
        expect_form(texts)
    report(outline, pages, intact=intact, unreadable_form=unreadable_form, texts=texts)
    _add(outline, pages, locators, texts)
    return outline


def _opened(data: bytes) -> Any:
    try:
        return pypdfium2.PdfDocument(data, autoclose=True)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise Unreadable("encrypted", "The PDF is protected by a password; save it without one.") from None
        if error.err_code == pdfium.FPDF_ERR_SECURITY:
            reason = "The PDF is protected by a certificate or a rights server; save it without protection."
            raise Unreadable("encrypted", reason) from None
        raise Unreadable("broken", f"The PDF is damaged: it can't be opened; {SAVE_AGAIN}.") from None


def _properties(document: Any) -> Mapping[str, str]:
    try:
        found: Mapping[str, str] = document.get_metadata_dict()
    except (UnicodeError, pypdfium2.PdfiumError):
        return {}
    return found


def _locators(document: Any) -> list[str]:
    """Return how people find each page: by its number, and by what is printed on it where that differs."""
    found = []
    for at in range(len(document)):
        try:
            label = str(document.get_page_label(at)).strip()
        except (UnicodeError, pypdfium2.PdfiumError):
            label = ""
        found.append(f"p. {at + 1} ({label})" if label and label != str(at + 1) else f"p. {at + 1}")
    return found


def _pages(document: Any, limits: Limits, ligatures: Ligatures) -> Iterator[Page]:
    left = limits.characters
    found: Page | None = None
    for number in range(len(document)):
        try:
            page = document[number]
            found = read_page(document, page, ligatures, found)
            page.close()
        except pypdfium2.PdfiumError:
            # One damaged page does not spoil the others.
            found = Page(damaged=True)
        left -= found.characters
        if left < 0:
            raise Unreadable(
                "too_large", f"The file holds more than {limits.characters:,} characters of text; split it."
            )
        yield found


def _texts(page: Page) -> Iterator[str]:
    for block in page.blocks:
        if isinstance(block, Line):
            yield block.text
        else:
            yield from (line for row in block.rows for cell in row for line in cell.text.split("\n"))
    yield from page.filled.fields


def _translated(page: Page, readings: dict[int, str]) -> Page:
    """Return a page whose letters without meaning are replaced."""

    def block(each: Block) -> Block:
        if isinstance(each, Line):
            return replace(each, text=each.text.translate(readings))
        rows = [[cell._replace(text=cell.text.translate(readings)) for cell in row] for row in each.rows]
        return Table(rows, each.edges, each.bottom, each.top)

    fields = [field.translate(readings) for field in page.filled.fields]
    return replace(page, blocks=list(map(block, page.blocks)), filled=replace(page.filled, fields=fields))


def _add(outline: Outline, pages: Sequence[Page], locators: Sequence[str], texts: Sequence[str]) -> None:
    dropped, running = running_lines([Sheet(page.blocks, page.bottom, page.top) for page in pages])
    kept = [[block for block in page.blocks if id(block) not in dropped] for page in pages]
    levels = heading_levels([[block for block in blocks if isinstance(block, Line)] for blocks in kept])
    flow = Flow(outline, Joiner(texts), levels)
    for at, text in running:
        # Headers and footers stand on many pages, and are added once, before the pages.
        outline.begin_locator(locators[at])
        outline.add(text)
    for locator, page, blocks in zip(locators, pages, joined_over_pages(kept, levels), strict=True):
        flow.page(locator, blocks, page.bottom, page.top)
        if page.filled.typed or page.filled.fields:
            flow.close()
            outline.add("\n".join(page.filled.typed))
            outline.add_rows(page.filled.fields)
    flow.close()
