"""The visible text of a Word paragraph."""

from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from rag_service.adapters.parsing.raised import apart, raised
from rag_service.adapters.parsing.word_shapes import BOX, MC, WHITE, W
from rag_service.adapters.parsing.word_styles import (
    Styles,
    element_of,
    has_fill,
    is_on_colour,
    is_unseen,
    switch,
    value_of,
)

# Deleted text, the fallback copy of a text box for old programs, and text boxes, which are read by themselves.
UNSEEN = {f"{W}del", f"{W}moveFrom", f"{MC}Fallback", f"{W}pPr", f"{W}rPr", f"{W}instrText", f"{W}delText", BOX}
NOTE_NUMBER = "shown-number"
"""The attribute for a note's number; a name without a namespace is no attribute of Word's."""
NOTE_REFERENCES = {f"{W}footnoteReference": "footnote", f"{W}endnoteReference": "endnote"}
MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
SIGNS = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", f"{W}p": " "}
# Check boxes are signs of the font Wingdings.
SYMBOLS = {"F0FE": "☒", "F0FD": "☒", "F052": "☑", "F0A8": "☐", "F06F": "☐", "F0FC": "✓", "F0E0": "→", "F0B7": "•"}


def paragraph_text(paragraph: Any, styles: Styles) -> str:
    """Return the visible text of a paragraph."""
    return apart("".join(text for text, _ in pieces(paragraph, styles)))


def pieces(paragraph: Any, styles: Styles) -> list[tuple[str, bool]]:
    """Return the visible texts of a paragraph, and whether each is bold."""
    name = value_of(paragraph, f"{W}pPr/{W}pStyle")
    if styles.hides(name):
        styles.hidden += 1
        return []
    white = styles.is_white(name) and not is_on_colour(paragraph)
    return list(_pieces(paragraph, styles, styles.is_bold(name), white))


def bold_lead(found: list[tuple[str, bool]]) -> str:
    """Return the bold text that a paragraph begins with."""
    if not any(is_bold for _, is_bold in found):
        return ""
    return apart("".join(text for text, _ in takewhile(lambda piece: piece[1] or not piece[0].strip(), found))).strip()


def _pieces(element: Any, styles: Styles, bold: bool, white: bool) -> Iterator[tuple[str, bool]]:
    for child in element:
        tag = child.tag
        if tag in UNSEEN or not isinstance(tag, str):
            continue
        if tag in (f"{W}t", MATH_TEXT):
            yield child.text or "", bold
        elif tag == f"{W}r":
            yield from _run(child, styles, bold, white)
        elif tag == f"{W}sdt" and child.find(f"{W}sdtPr/{W}showingPlcHdr") is not None:
            continue
        elif tag in NOTE_REFERENCES:
            yield child.get(NOTE_NUMBER) or "", bold
        elif tag == f"{W}sym":
            yield SYMBOLS.get((child.get(f"{W}char") or "").upper(), ""), bold
        elif tag == f"{W}ffData":
            yield _formvalue_of(child), bold
        else:
            if tag in SIGNS:
                yield SIGNS[tag], bold
            yield from _pieces(child, styles, bold, white)


def _run(run: Any, styles: Styles, bold: bool, white: bool) -> Iterator[tuple[str, bool]]:
    properties = element_of(run, f"{W}rPr")
    if _hidden_run(run, properties, styles, white):
        styles.hidden += any((text.text or "").strip() for text in run.iter(f"{W}t"))
        return
    if properties is not None:
        own = switch(properties, "b")
        bold = styles.is_bold(value_of(properties, f"{W}rStyle")) or bold if own is None else own
        if (value_of(properties, f"{W}vertAlign") or "") == "superscript":
            text = "".join(each for each, _ in _pieces(run, styles, bold, white))
            yield raised(text) or text, bold
            return
    yield from _pieces(run, styles, bold, white)


def _formvalue_of(data: Any) -> str:
    """Return the value of an old form's list or box; that of a text field is text behind it."""
    if (entries := data.find(f"{W}ddList")) is not None:
        chosen = value_of(entries, f"{W}result") or value_of(entries, f"{W}default") or "0"
        values = [each.get(f"{W}val") or "" for each in entries.findall(f"{W}listEntry")]
        return values[int(chosen)] if chosen.isdigit() and int(chosen) < len(values) else ""
    if (box := data.find(f"{W}checkBox")) is not None:
        state = switch(box, "checked")
        return "☒" if (state if state is not None else switch(box, "default")) else "☐"
    return ""


def _hidden_run(run: Any, properties: Any, styles: Styles, white: bool) -> bool:
    """Return whether Word hides a run; `white`: its paragraph's style is white on white."""
    if properties is None:
        return white
    style = value_of(properties, f"{W}rStyle")
    if styles.hides(style) or is_unseen(properties, on_colour=True):
        return True
    colour = value_of(properties, f"{W}color") or ""
    is_white = bool(WHITE.fullmatch(colour)) or (not colour and (white or styles.is_white(style)))
    return is_white and not has_fill(properties) and not is_on_colour(run)
