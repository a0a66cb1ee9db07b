"""Web pages: the visible text below its headings; tables as rows."""

import re
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from rag_service.adapters.parsing.decoding import decoded
from rag_service.adapters.parsing.html_depth import flattened
from rag_service.adapters.parsing.html_hidden import Hidden, colours
from rag_service.adapters.parsing.html_tables import caption, cells_of, is_data
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.outline import Outline
from rag_service.adapters.parsing.tables import add_tables, placed

BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "dd", "details", "dialog", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "html", "legend", "li", "main", "menu",
    "ol", "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
HEADINGS = {f"h{level}": level for level in range(1, 7)}
ENCODINGS = frozenset({
    "utf-8", "us-ascii", "big5", "euc-jp", "euc-kr", "gb2312", "gb18030", "gbk", "koi8-r", "koi8-u", "macintosh",
    "shift_jis", "windows-874",
    *(f"iso-8859-{part}" for part in (*range(1, 12), *range(13, 17))),
    *(f"windows-{page}" for page in range(1250, 1259)),
})  # fmt: skip
"""Encodings that a page may declare; others, UTF-7 among them, have hidden scripts before."""
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{1,30})", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")


def read(data: bytes, limits: Limits) -> Outline:
    """Return the outline. Raises Unreadable."""
    declared = _CHARSET.search(data[:2048])
    name = declared[1].decode("ascii").lower() if declared else ""
    return read_text(decoded(data, name if name in ENCODINGS else None), Outline(limits))


def read_text(text: str, outline: Outline) -> Outline:
    """Add a page's content to the outline, and return it."""
    tree = LexborHTMLParser(flattened(text.replace("\0", "")).encode("utf-8", "replace"))
    if (title := tree.css_first("head > title")) is not None:
        outline.set_title(title.text(deep=True))
    styles = "\n".join(node.text(deep=True) for node in tree.css("style"))
    if tree.root is not None:
        _Page(outline, Hidden(styles)).add(tree.root)
    return outline


class _Page:
    """Walks the tree without recursion, because a page may be nested a hundred thousand levels deep."""

    def __init__(self, outline: Outline, hidden: Hidden) -> None:
        self._outline = outline
        self._hidden = hidden
        self._inline: list[str] = []

    def add(self, root: Any) -> None:
        """Add everything that is shown."""
        for node, tag, text in self._shown(root):
            if tag == "-text":
                self._inline.append(text)
            elif tag == "-break":
                self._flush()
            elif tag == "li":
                self._inline.append("- ")
            elif tag == "table":
                self._flush()
                rows = placed(cells_of(node, self._hidden, self._flat))
                add_tables(self._outline, rows, title=caption(node, self._flat))
            else:
                self._flush()
                self._outline.heading(HEADINGS[tag], self._flat(node))
        self._flush()

    def _flush(self) -> None:
        text = "".join(self._inline).strip()
        self._inline = []
        if text and text != "-":
            self._outline.add(text)

    def _flat(self, root: Any) -> str:
        """Return an element's text in one piece, a line per block."""
        return "".join("\n" if tag in ("-break", "li") else text for _, tag, text in self._shown(root, flat=True))

    def _shown(self, root: Any, *, flat: bool = False) -> Iterator[tuple[Any, str, str]]:
        """Yield texts, breaks, items, and (unless it is to be flat) headings and tables as wholes, in their order."""
        # (node, is on a colour, keeps spaces). A node of None marks the end of a block.
        stack: list[tuple[Any, bool, bool]] = [(child, False, False) for child in _children(root)][::-1]
        while stack:
            node, on_colour, spaced = stack.pop()
            if node is None:
                yield node, "-break", ""
                continue
            tag = node.tag
            if tag == "-text":
                text = node.text(deep=False)
                yield node, "-text", text if spaced else _SPACE.sub(" ", text)
                continue
            if not tag or tag.startswith(("-", "!")):
                continue
            attributes = node.attributes
            if self._hidden.hides(tag, attributes, on_colour=on_colour):
                continue
            if not flat and (tag in HEADINGS or (tag == "table" and is_data(node))):
                yield node, tag, ""
                continue
            if tag == "br":
                yield node, "-text", "\n"
            elif tag in BLOCKS or tag in HEADINGS:
                yield node, "-break", ""
                stack.append((None, False, False))
            if tag == "li":
                yield node, "li", ""
            inside = on_colour or colours(attributes), spaced or tag in ("pre", "textarea")
            stack.extend([(child, *inside) for child in _children(node)][::-1])


def _children(node: Any) -> Iterator[Any]:
    child = node.child
    while child is not None:
        yield child
        child = child.next
