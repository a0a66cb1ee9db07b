"""The parts of a Word document beside its body: headers, footers, notes, comments, numbering."""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from rag_service.adapters.parsing.cleaning import one_line
from rag_service.adapters.parsing.word_shapes import W
from rag_service.adapters.parsing.word_styles import Styles
from rag_service.adapters.parsing.word_text import paragraph_text

RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PAGE_NUMBER = re.compile(
    r"\W*(?:page|seite|s|p|pág(?:ina)?|pag(?:ina|e)?|strona|str(?:ana)?|sida|side|sivu|oldal|página|стр(?:аница)?|с|σελίδα|sayfa"
    r"|第|页|頁)?\W*\d*\W*(?:of|von|de|di|van|z|ze|av|af|/|из|από|共)?\W*\d*\W*(?:页|頁|ページ|oldal)?\W*",
    re.IGNORECASE,
)


class Parts:
    """Finds the parts of a document's package by their kind."""

    def __init__(self, part: Any) -> None:
        """`part`: the main document part."""
        self._part = part
        self._parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)

    def roots(self, kind: str) -> Iterator[tuple[str, Any]]:
        """Yield the relation's id and the root element of each part of a kind, such as `header`."""
        for name, relation in self._part.rels.items():
            if not relation.is_external and relation.reltype.endswith(f"/{kind}"):
                try:
                    yield name, etree.fromstring(relation.target_part.blob, self._parser)
                except etree.XMLSyntaxError:
                    # A damaged note or header must not take the document away.
                    continue

    def root(self, kind: str) -> Any | None:
        """Return the root of the only part of a kind."""
        return next((root for _, root in self.roots(kind)), None)

    def notes(self) -> dict[tuple[str, str], Any]:
        """Return footnotes and endnotes by their kind and id."""
        found = {}
        for kind in ("footnote", "endnote"):
            root = self.root(f"{kind}s")
            for note in root if root is not None else ():
                if note.tag == f"{W}{kind}" and note.get(f"{W}type") in (None, "normal"):
                    found[kind, note.get(f"{W}id") or ""] = note
        return found

    def comments(self) -> int:
        """Return how many comments reviewers left."""
        root = self.root("comments")
        return 0 if root is None else sum(1 for _ in root.iter(f"{W}comment"))


def edges(parts: Parts, body: Any, kind: str, styles: Styles) -> list[str]:
    """Return the lines of a document's headers or footers (`kind`), each once; page numbers are left out."""
    used = {each.get(f"{RELATIONS}id") for each in body.iter(f"{W}{kind}Reference")}
    lines: dict[str, None] = {}
    for name, root in parts.roots(kind):
        if name not in used:
            continue
        for line in _lines(root, styles):
            if line and not _PAGE_NUMBER.fullmatch(line):
                lines.setdefault(line)
    return list(lines)


def _lines(root: Any, styles: Styles) -> Iterator[str]:
    """Yield a line per paragraph, and per row of a table."""
    for paragraph in root.iter(f"{W}p"):
        if (
            next(paragraph.iterancestors("{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"), None)
            is None
        ):
            row = next(paragraph.iterancestors(f"{W}tr"), None)
            if row is None:
                yield one_line(paragraph_text(paragraph, styles))
            elif next(row.iter(f"{W}p")) is paragraph:
                cells = [paragraph_text(each, styles) for each in row.iter(f"{W}p")]
                yield " | ".join(filter(None, map(one_line, cells)))
