"""Markdown: converted to HTML, so that raw HTML in it is treated like any other page."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token

from rag_service.adapters.parsing import front_matter
from rag_service.adapters.parsing.decoding import decoded
from rag_service.adapters.parsing.html import read_text
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.outline import Outline
from rag_service.adapters.parsing.questions import answer_mark, asks, question_mark

MAX_DEPTH = 20
# A text about such an element that does not close it must not lose everything behind it.
_SWALLOWS = re.compile(
    r"<(script|style|textarea|title|noscript|template|iframe|noembed|noframes|plaintext|xmp|select|svg|math|object|head)\b",
    re.IGNORECASE,
)


def read(data: bytes, limits: Limits) -> Outline:
    """Return the outline. Raises Unreadable."""
    outline = Outline(limits)
    text = decoded(data).replace("\0", "")
    front, text = front_matter.split(text)
    if front:
        outline.set_title(front.title, sure=True)
        outline.add_rows(front.rows)
    writer = MarkdownIt("commonmark", {"maxNesting": MAX_DEPTH}).enable(["table", "strikethrough"])
    writer.add_render_rule("html_inline", _raw)
    writer.add_render_rule("html_block", _raw)
    tokens = writer.parse(text)
    for token in tokens:
        if token.children:
            _break_lines(token.children)
            token.children = list(_with_addresses(token.children))
    return read_text(writer.renderer.render(tokens, writer.options, {}), outline)


def _break_lines(tokens: Sequence[Token]) -> None:
    """Keep the line ends around questions and answers, which Markdown otherwise joins to one paragraph."""
    ends = [at for at, token in enumerate(tokens) if token.type in ("softbreak", "hardbreak")]
    lines = [
        "".join(token.content for token in tokens[begin + 1 : end])
        for begin, end in pairwise([-1, *ends, len(tokens)])
    ]  # fmt: skip
    for at, before, behind in zip(ends, lines, lines[1:], strict=False):
        if question_mark(behind) or answer_mark(behind) or asks(before):
            tokens[at].type, tokens[at].tag = "hardbreak", "br"


def _with_addresses(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the tokens, with each link's address behind its text, because the address is part of a manual's content."""
    address, link_text = "", ""
    for token in tokens:
        if token.type == "link_open":
            address, link_text = str(token.attrGet("href") or ""), ""
        link_text += token.content
        yield token
        if token.type == "link_close" and address.startswith(("http://", "https://")) and address not in link_text:
            yield Token("text", "", 0, content=f" ({address})")


def _raw(_self: Any, tokens: Sequence[Any], at: int, _options: Any, _env: Any) -> str:
    """Return raw HTML unchanged, or escaped if it would swallow the following text."""
    content: str = tokens[at].content
    opened = _SWALLOWS.search(content)
    if opened and f"</{opened[1].lower()}" not in content.lower():
        return escapeHtml(content)
    return content
