"""Footnotes and endnotes of a Word document, each below the paragraph or table that refers to it."""

from collections.abc import Iterator
from typing import Any

from rag_service.adapters.parsing.cleaning import one_line
from rag_service.adapters.parsing.numerals import roman
from rag_service.adapters.parsing.raised import raised
from rag_service.adapters.parsing.word_parts import Parts
from rag_service.adapters.parsing.word_shapes import W
from rag_service.adapters.parsing.word_styles import Styles
from rag_service.adapters.parsing.word_text import NOTE_NUMBER, NOTE_REFERENCES, paragraph_text


class Notes:
    """A document's notes, numbered in the order of the references to them."""

    def __init__(self, parts: Parts, body: Any, styles: Styles) -> None:
        """Write each note's number to its reference, which is how Word shows it."""
        self._styles = styles
        self._notes = parts.notes()
        counts = {"footnote": 0, "endnote": 0}
        if self._notes:
            for reference in body.iter(*NOTE_REFERENCES):
                kind = NOTE_REFERENCES[reference.tag]
                if (kind, reference.get(f"{W}id") or "") in self._notes:
                    counts[kind] += 1
                    number = counts[kind]
                    reference.set(NOTE_NUMBER, raised(str(number)) if kind == "footnote" else f" ({roman(number)})")

    def of(self, element: Any) -> Iterator[str]:
        """Yield the notes that a paragraph or table refers to."""
        if not self._notes:
            return
        for reference in element.iter(*NOTE_REFERENCES):
            kind = NOTE_REFERENCES[reference.tag]
            note = self._notes.pop((kind, reference.get(f"{W}id") or ""), None)
            if note is not None:
                yield f"{(reference.get(NOTE_NUMBER) or '').strip()} {self._text(note)}"

    def _text(self, note: Any) -> str:
        return " ".join(filter(None, (one_line(paragraph_text(each, self._styles)) for each in note.iter(f"{W}p"))))
