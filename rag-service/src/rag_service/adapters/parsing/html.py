"""Web pages: the visible text below its headings; tables as rows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import takewhile
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from rag_service.adapters.parsing import saved_day
from rag_service.adapters.parsing.answer import Answer
from rag_service.adapters.parsing.decoding import decoded
from rag_service.adapters.parsing.faq import bold_lead
from rag_service.adapters.parsing.html_banners import banners
from rag_service.adapters.parsing.html_charset import declared
from rag_service.adapters.parsing.html_definitions import definitions, write_definitions
from rag_service.adapters.parsing.html_depth import flattened
from rag_service.adapters.parsing.html_faq import MAX_FEW_CHARACTERS, Asked, Questions
from rag_service.adapters.parsing.html_hidden import NEVER_SHOWN, Attributes, Hidden
from rag_service.adapters.parsing.html_lists import BULLET, ItemMarks
from rag_service.adapters.parsing.html_panels import Panels
from rag_service.adapters.parsing.html_tables import caption, cells_of, is_data, is_grid
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.outline import Outline
from rag_service.adapters.parsing.raised import apart, raised
from rag_service.adapters.parsing.tables import add_tables, in_cell, placed

BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "dd", "details", "dialog", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "html", "legend", "li", "main", "menu",
    "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SPACE = re.compile(r"[ \t\r\n\f]+")
_BOLD = frozenset({"b", "strong", "button", "summary", "dt", "legend"})
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
CHANGED = ("article:modified_time", "last-modified", "dcterms.modified", "dc.date.modified", "date", "dcterms.date",
           "dc.date", "article:published_time")  # fmt: skip
"""Names under which a page says when it was changed, the surest first."""
MIN_PICTURE_PIXELS = 50
MAX_QUESTIONS_WITHIN = 5
"""Accordions in accordions; deeper ones are read as other elements are."""
MAX_TABLES_WITHIN = 3
"""Tables in cells of tables; deeper ones are read as other elements are."""
HIDDEN = "Parts of the page that no reader sees were not read; make them visible if they belong to its content."
COOKIES = "A banner about cookies was not read, because it is no part of the page's content."
PICTURES = "Pictures were not read; write what they show as text beside them."


def read(data: bytes, limits: Limits) -> Outline:
    """Return the outline. Raises Unreadable."""
    return read_text(decoded(data, declared(data)), Outline(limits))


def read_text(text: str, outline: Outline) -> Outline:
    """Add a page's content to the outline, and return it."""
    tree = LexborHTMLParser(flattened(text.replace("\0", "")).encode("utf-8", "replace"))
    if (title := tree.css_first("head > title")) is not None:
        outline.set_title(title.text(deep=True))
    outline.saved = _saved(tree)
    styles = "\n".join(node.text(deep=True) for node in tree.css("style"))
    if tree.root is not None:
        panels = Panels(tree)
        found = banners(tree)
        _Page(outline, _Reading(Hidden(styles), panels, Questions(panels), ItemMarks(), found)).add([tree.root])
        for code, reason, count in (
            ("cookie_banner", COOKIES, len(found)),
            ("pictures", PICTURES, sum(1 for picture in tree.css("img") if not _is_small(picture))),
        ):
            if count:
                outline.leave_out(code, reason, count)
    return outline


def _saved(tree: LexborHTMLParser) -> date | None:
    """Return the day on which a page says that it was changed."""
    changed: dict[str, str] = {}
    for each in tree.css("head > meta"):
        name = str(each.attributes.get("name") or each.attributes.get("property") or "").lower()
        changed.setdefault(name, str(each.attributes.get("content") or ""))
    return next((day for name in CHANGED if (day := saved_day.of_text(changed.get(name, "")))), None)


@dataclass
class _Reading:
    """Facts about the whole page."""

    hidden: Hidden
    panels: Panels
    questions: Questions
    marks: ItemMarks
    banners: dict[int, Any]
    done: set[int] = field(default_factory=set)
    """Panels that were read with the button before them."""


class _Page:
    """Walks the tree without recursion, because a page may be nested a hundred thousand levels deep."""

    def __init__(self, outline: Outline | Answer, reading: _Reading, depth: int = 0, *, opened: bool = False) -> None:
        """`opened`: a click shows the elements that are added, so they count as shown."""
        self._outline = outline
        self._reading = reading
        self._hidden = reading.hidden
        self._depth = depth
        self._opened = opened
        self._inline: list[tuple[str, bool]] = []
        self._mark = ""
        self._tables = 0
        """How many tables in cells of each other are being read."""

    def add(self, roots: Sequence[Any]) -> None:
        """Add everything that is shown."""
        for node, tag, text in self._shown(roots):
            if tag in ("-text", "-bold"):
                self._inline.append((text, tag == "-bold"))
            elif tag == "-break":
                self._flush()
            elif tag == "-rule":
                self._flush()
                self._outline.rule()
            elif tag == "li":
                self._mark = text
            elif tag == "-question":
                self._flush()
                self._question(node)
            elif tag == "dl":
                self._flush()
                self._definitions(node)
            elif tag == "table":
                self._flush()
                rows = placed(cells_of(node, self._hidden, self._flat))
                add_tables(self._outline, rows, title=caption(node, self._flat))
            else:
                self._flush()
                self._outline.heading(HEADINGS[tag], self._flat(node))
        self._flush()

    def _flush(self) -> None:
        pieces, self._inline = self._inline, []
        if not pieces:
            return
        text = apart("".join(text for text, _ in pieces)).strip()
        if not text:
            return
        bold = apart("".join(text for text, _ in takewhile(lambda piece: piece[1] or not piece[0].strip(), pieces)))
        lead = bold.strip()
        mark = f"{self._mark} " if self._mark else ""
        self._mark = ""
        if lead and bold_lead(lead, rest := text.removeprefix(lead)):
            self._outline.add(lead, stands_out=True)
            self._outline.add(rest.strip())
        else:
            self._outline.add(f"{mark}{text}", stands_out=lead == text)

    def _question(self, asked: Asked) -> None:
        """Add a question with what its answer's elements hold."""
        answer = Answer()
        self._reading.done.update(each.mem_id for each in asked.answers)
        _Page(answer, self._reading, self._depth + 1, opened=asked.opens).add(asked.answers)
        if asked.is_question:
            answer.write(self._outline, asked.question)
        else:
            answer.write(self._outline, asked.question, most=MAX_FEW_CHARACTERS)

    def _definitions(self, root: Any) -> None:
        """Add the terms of a list with their definitions."""
        entries = []
        for term, nodes in definitions(root):
            answer = Answer()
            _Page(answer, self._reading, self._depth + 1).add(nodes)
            entries.append((" ".join(self._flat(each).strip() for each in term), answer))
        write_definitions(self._outline, entries)

    def _flat(self, root: Any) -> str:
        """Return an element's text in one piece, a line per block."""
        return apart("".join(
            "\n" if tag == "-break" or (tag == "li" and text == BULLET) else f"\n{text} " if tag == "li" else text
            for _, tag, text in self._shown(list(_children(root)), flat=True)
        ))  # fmt: skip

    def _nested(self, table: Any) -> str:
        """Return a table in a cell as text."""
        self._tables += 1
        text = in_cell(placed(cells_of(table, self._hidden, self._flat)))
        self._tables -= 1
        return text

    def _shown(self, roots: Sequence[Any], *, flat: bool = False) -> Iterator[tuple[Any, str, str]]:
        """Yield texts, breaks, items, and (unless it is to be flat) headings, tables and questions as wholes."""
        # (node, is on a colour, keeps spaces, is bold). A node of None marks the end of a block.
        stack: list[tuple[Any, bool, bool, bool]] = [(root, False, False, False) for root in roots][::-1]
        top = {root.mem_id for root in roots}
        after_break = False
        while stack:
            node, on_colour, spaced, bold = stack.pop()
            if node is None:
                yield node, "-break", ""
                continue
            tag = node.tag
            if tag == "-text":
                text = node.text(deep=False)
                if not spaced:
                    text = _SPACE.sub(" ", text.lstrip() if after_break else text)
                after_break = after_break and not text
                yield node, "-bold" if bold else "-text", text
                continue
            if not tag or tag.startswith(("-", "!")):
                continue
            attributes = node.attributes
            is_top = node.mem_id in top
            if node.mem_id in self._reading.done and not is_top:
                continue
            if not (is_top and self._opened) and self._leaves_out(node, attributes, on_colour):
                continue
            if not flat:
                if self._depth < MAX_QUESTIONS_WITHIN and (asked := self._reading.questions.at(node, attributes)):
                    yield asked, "-question", ""
                    continue
                if tag in HEADINGS or (tag == "table" and is_data(node)) or (tag == "dl" and self._is_shallow):
                    yield node, tag, ""
                    continue
            if flat and tag == "table" and self._tables < MAX_TABLES_WITHIN and is_grid(node):
                yield node, "-text", f"\n{self._nested(node)}\n"
                continue
            if tag == "hr" and not flat:
                yield node, "-rule", ""
                continue
            if tag == "button":
                yield node, "-text", " "
            if tag == "br":
                after_break = True
                yield node, "-text", "\n"
            elif tag == "sup" and (digits := raised(node.text(deep=True))):
                yield node, "-text", digits
                continue
            elif tag in BLOCKS or tag in HEADINGS:
                yield node, "-break", ""
                stack.append((None, False, False, False))
            if tag == "li":
                yield node, "li", self._reading.marks.mark(node)
            inside = (
                on_colour or self._hidden.colours(tag, attributes),
                spaced or tag in ("pre", "textarea"),
                bold or tag in _BOLD or _is_bold(attributes),
            )
            stack.extend([(child, *inside) for child in _children(node)][::-1])

    @property
    def _is_shallow(self) -> bool:
        return self._depth < MAX_QUESTIONS_WITHIN

    def _leaves_out(self, node: Any, attributes: Attributes, on_colour: bool) -> bool:
        """Return whether an element is not read; records what could be text for readers."""
        if node.mem_id in self._reading.banners:
            return True
        if not self._hidden.hides(node.tag, attributes, on_colour=on_colour):
            return False
        if node.tag in NEVER_SHOWN:
            return True
        if self._reading.panels.shows(node):
            return False
        if node.text(deep=True).strip():
            self._outline.leave_out("hidden_text", HIDDEN)
        return True


def _children(node: Any) -> Iterator[Any]:
    child = node.child
    while child is not None:
        yield child
        child = child.next


def _is_bold(attributes: Any) -> bool:
    return bool(attributes) and bool(_BOLD_STYLE.search((attributes.get("style") or "")[:1_000]))


def _is_small(picture: Any) -> bool:
    """Return whether a picture is an icon or counts visits."""
    sizes = (picture.attributes.get("width") or "", picture.attributes.get("height") or "")
    return any(size.isdigit() and int(size) < MIN_PICTURE_PIXELS for size in sizes)
