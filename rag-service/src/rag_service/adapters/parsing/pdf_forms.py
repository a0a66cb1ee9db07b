"""Reads the filled fields of a PDF form, and text that was typed onto a page."""

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from rag_service.adapters.parsing.cleaning import one_line, short
from rag_service.adapters.parsing.pdf_drawing import Box, turned
from rag_service.adapters.parsing.pdf_pieces import Piece

MAX_FIELDS = 2_000
"""Of a page."""
MAX_VALUE_BYTES = 1 << 16
MAX_LABEL_CHARACTERS = 100
BESIDE_POINTS, ABOVE_POINTS, BEHIND_POINTS = 260.0, 16.0, 24.0
UNSEEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
PASSWORD = 1 << 13
BOXES = (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON)
WRITTEN = (pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX)


@dataclass(frozen=True)
class Filled:
    """What people filled in on a page."""

    fields: list[str]
    """`Label: value`, one a field."""
    typed: list[str]
    """Texts that were typed onto the page beside its fields."""
    comments: int
    """Notes that a reader shows only at a click."""


def filled(document: Any, page: Any, pieces: Callable[[], Sequence[Piece]], quarters: int) -> Filled:
    """Return a page's filled fields. `pieces`: returns its text, turned back by so many quarters of a turn."""
    fields: list[str] = []
    typed: list[str] = []
    comments = 0
    count = pdfium.FPDFPage_GetAnnotCount(page.raw)
    if count <= 0:
        return Filled([], [], 0)
    reader = _Reader(document, pieces(), quarters)
    for at in range(min(count, MAX_FIELDS)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, at)
        if not annotation:
            continue
        try:
            match pdfium.FPDFAnnot_GetSubtype(annotation):
                case pdfium.FPDF_ANNOT_WIDGET:
                    if line := reader.line(annotation):
                        fields.append(line)
                case pdfium.FPDF_ANNOT_FREETEXT:
                    if not pdfium.FPDFAnnot_GetFlags(annotation) & UNSEEN and (text := _contents(annotation)):
                        typed.append(text)
                case pdfium.FPDF_ANNOT_TEXT | pdfium.FPDF_ANNOT_HIGHLIGHT:
                    comments += bool(_contents(annotation))
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
    return Filled(list(dict.fromkeys(fields)), typed, comments)


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
    def __init__(self, document: Any, pieces: Sequence[Piece], quarters: int) -> None:
        self._form = document.formenv.raw if document.formenv else None
        self._pieces = pieces
        self._quarters = quarters
        self._used: set[str] = set()

    def line(self, annotation: Any) -> str:
        """Return `label: value` of a field; empty if nothing is filled in or it is not to be seen."""
        if self._form is None or pdfium.FPDFAnnot_GetFlags(annotation) & UNSEEN:
            return ""
        kind = pdfium.FPDFAnnot_GetFormFieldType(self._form, annotation)
        if pdfium.FPDFAnnot_GetFormFieldFlags(self._form, annotation) & PASSWORD and kind in WRITTEN:
            return ""
        box = self._box(annotation)
        name = self._text(pdfium.FPDFAnnot_GetFormFieldAlternateName, annotation)
        name = name or self._text(pdfium.FPDFAnnot_GetFormFieldName, annotation).replace("_", " ")
        if kind in WRITTEN:
            value = self._text(pdfium.FPDFAnnot_GetFormFieldValue, annotation)
            return _told(self._label(box, name, behind=False), value) if value else ""
        if kind not in BOXES:
            return ""
        checked = bool(pdfium.FPDFAnnot_IsChecked(self._form, annotation))
        label = self._label(box, name, behind=True)
        if kind == pdfium.FPDF_FORMFIELD_CHECKBOX:
            return _told(label, "yes" if checked else "no")
        if not checked:
            return ""
        return _told(name, label) if name and name != label else _told(label, "yes")

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

    def _label(self, box: Box, name: str, *, behind: bool) -> str:
        """Return the text that names a field: before, behind or above it; else the field's own name."""
        found = self._near(box, behind=behind)
        label = short(one_line(found.text).rstrip(" :._…"), MAX_LABEL_CHARACTERS) if found else ""
        if not label:
            return name or "field"
        if label in self._used and name and name != label:
            return f"{label} ({name})"
        self._used.add(label)
        return label

    def _near(self, box: Box, *, behind: bool) -> Piece | None:
        left, bottom, right, top = box
        level = [each for each in self._pieces if bottom - 3 <= each.base + 0.3 * each.size <= top + 3]
        before = [each for each in level if each.right <= left + 4 and left - each.right < BESIDE_POINTS]
        after = [each for each in level if each.left >= right - 4 and each.left - right < BEHIND_POINTS]
        if behind and after:
            return min(after, key=lambda each: each.left)
        if before:
            return max(before, key=lambda each: each.right)
        above = [
            each
            for each in self._pieces
            if -2 <= each.base - top < ABOVE_POINTS and each.left < right and each.right > left
        ]
        return min(above, key=lambda each: each.base) if above else None


def _told(label: str, value: str) -> str:
    return f"{label} {value}" if label.endswith("?") else f"{label}: {value}"


def _contents(annotation: Any) -> str:
    length = pdfium.FPDFAnnot_GetStringValue(annotation, b"Contents", None, 0)
    if not 2 < length <= MAX_VALUE_BYTES:
        return ""
    buffer = (ctypes.c_ushort * (length // 2 + 1))()
    pdfium.FPDFAnnot_GetStringValue(annotation, b"Contents", buffer, length)
    return one_line(bytes(buffer)[: length - 2].decode("utf-16-le", "replace"))
