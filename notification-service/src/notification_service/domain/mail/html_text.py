"""The text of an HTML document that was sanitised before."""

import re
from html import escape, unescape
from html.parser import HTMLParser

from notification_service.domain.mail.message import MAX_TEXT_CHARACTERS

_BLOCKS = {
    "address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "figure", "footer", "h1", "h2",
    "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul",
}  # fmt: skip
_SPACE = re.compile(r"[ \t\n\xa0]+")
_GAPS = re.compile(r"\n{3,}")
_TAG = re.compile(r"<[^<>]*>")
MAX_QUOTES = 10
"""Deeper quotes are shown as deep as this."""


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self._line = ""
        self._quotes = 0
        self._characters = 0
        self._link = ""
        self._linked_from = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._end_line(keep_empty=True)
        elif tag in _BLOCKS:
            self._end_line()
            self._quotes += tag == "blockquote"
            self._line += "- " if tag == "li" else ""
        elif tag in {"td", "th"} and self._line:
            self._line += " "
        elif tag == "a":
            self._link, self._linked_from = dict(attrs).get("href") or "", len(self._line)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end_line()
            if tag == "blockquote":
                self._quotes = max(self._quotes - 1, 0)
            if tag in {"p", "h1", "h2", "h3", "table", "ul", "ol"}:
                self.lines.append("")
        elif tag == "a":
            shown = self._line[self._linked_from :].strip()
            if self._link.startswith(("https://", "http://")) and shown not in (self._link, self._link.rstrip("/")):
                self._line += f" <{self._link}>"
            self._link = ""

    def handle_data(self, data: str) -> None:
        if self._characters <= MAX_TEXT_CHARACTERS:
            self._line += _SPACE.sub(" ", data)
            self._characters += len(data)

    def close(self) -> None:
        super().close()
        self._end_line()

    def _end_line(self, *, keep_empty: bool = False) -> None:
        line = self._line.strip()
        if line or keep_empty:
            mark = ">" * min(self._quotes, MAX_QUOTES)
            self.lines.append(f"{mark} {line}" if mark else line)
        self._line, self._linked_from = "", 0


def without_tags(html: str) -> str:
    """Return HTML without tags, in time that grows with its length alone; for HTML that is too deep for a parser."""
    return escape(unescape(_TAG.sub(" ", html)), quote=False)


def text_of(html: str) -> str:
    """Return the text; quotes begin with `>`, links show their address."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    return _GAPS.sub("\n\n", "\n".join(parser.lines)).strip()
