"""Reads the filled fields of a PDF form, and text that was typed onto a page."""

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from rag_service.adapters.parsing.cleaning import one_line
from rag_service.adapters.parsing.pdf_drawing import Box, turned
from rag_service.adapters.parsing.pdf_labels import Field, labelled
from rag_service.adapters.parsing.pdf_pieces import Piece

MAX_FIELDS = 2_000
"""Of a page."""
MAX_VALUE_BYTES = 1 << 16
UNSEEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
PASSWORD = 1 << 13
BOXES = (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON)
WRITTEN = (pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX)


@dataclass(frozen=True)
class Filled:
    """The values and texts that people filled in on a page."""

    fields: list[str]
    """`Label: value`, one a field."""
    typed: list[str]
    """Texts that were typed onto the page beside its fields."""
    comments: int
    """Notes that a reader shows only at a click."""


def filled(document: Any, page: Any, pieces: Callable[[], Sequence[Piece]], quarters: int) -> Filled:
    """Return a page's filled fields. `pieces`: returns its text, turned back by so many quarters of a turn."""
    typed: list[str] = []
    comments = 0
    count = pdfium.FPDFPage_GetAnnotCount(page.raw)
    if count <= 0:
        return Filled([], [], 0)
    reader = _Reader(document, quarters)
    for at in range(min(count, MAX_FIELDS)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, at)
        if not annotation:
            continue
        try:
            match pdfium.FPDFAnnot_GetSubtype(annotation):
                case pdfium.FPDF_ANNOT_WIDGET:
                    reader.see(annotation)
                case pdfium.FPDF_ANNOT_FREETEXT:
                    if not pdfium.FPDFAnnot_GetFlags(annotation) & UNSEEN and (text := _contents(annotation)):
                        typed.append(text)
                case pdfium.FPDF_ANNOT_TEXT | pdfium.FPDF_ANNOT_HIGHLIGHT:
                    comments += bool(_contents(annotation))
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
    return Filled(labelled(reader.fields, pieces()) if reader.fields else [], typed, comments)


def begin_forms(document: Any) -> bool:
    """Prepare a document's form, if it has one, before its first page is opened. Return whether the document is a form
    whose fields PDFium can't read."""
    kind = document.get_formtype()
    if kind == pdfium.FORMTYPE_NONE:
        return False
    try:
        document.init_forms()
    except (pypdfium2.PdfiumError, RuntimeError):
        return True
    return bool(kind == pdfium.FORMTYPE_XFA_FULL)


class _Reader:
    def __init__(self, document: Any, quarters: int) -> None:
        self._form = document.formenv.raw if document.formenv else None
        self._quarters = quarters
        self.fields: list[Field] = []

    def see(self, annotation: Any) -> None:
        """Add a field if people can see it."""
        if self._form is None or pdfium.FPDFAnnot_GetFlags(annotation) & UNSEEN:
            return
        kind = pdfium.FPDFAnnot_GetFormFieldType(self._form, annotation)
        if pdfium.FPDFAnnot_GetFormFieldFlags(self._form, annotation) & PASSWORD and kind in WRITTEN:
            return
        name = self._text(pdfium.FPDFAnnot_GetFormFieldAlternateName, annotation)
        name = name or self._text(pdfium.FPDFAnnot_GetFormFieldName, annotation).replace("_", " ")
        if kind in WRITTEN:
            value = self._text(pdfium.FPDFAnnot_GetFormFieldValue, annotation)
            self.fields.append(Field(self._box(annotation), name, value))
        elif kind in BOXES:
            checked = bool(pdfium.FPDFAnnot_IsChecked(self._form, annotation))
            choice = kind == pdfium.FPDF_FORMFIELD_RADIOBUTTON
            self.fields.append(Field(self._box(annotation), name, "yes" if checked else "no", box=True, choice=choice))

    def _box(self, annotation: Any) -> Box:
        found = pdfium.FS_RECTF()
        pdfium.FPDFAnnot_GetRect(annotation, found)
        box = (
            min(found.left, found.right), min(found.bottom, found.top),
            max(found.left, found.right), max(found.bottom, found.top),
        )  # fmt: skip
        return turned(box, self._quarters)

    def _text(self, get: Any, annotation: Any) -> str:
        length = get(self._form, annotation, None, 0)
        if not 2 < length <= MAX_VALUE_BYTES:
            return ""
        buffer = (ctypes.c_ushort * (length // 2 + 1))()
        get(self._form, annotation, buffer, length)
        return one_line(bytes(buffer)[: length - 2].decode("utf-16-le", "replace"))


def _contents(annotation: Any) -> str:
    length = pdfium.FPDFAnnot_GetStringValue(annotation, b"Contents", None, 0)
    if not 2 < length <= MAX_VALUE_BYTES:
        return ""
    buffer = (ctypes.c_ushort * (length // 2 + 1))()
    pdfium.FPDFAnnot_GetStringValue(annotation, b"Contents", buffer, length)
    return one_line(bytes(buffer)[: length - 2].decode("utf-16-le", "replace"))
