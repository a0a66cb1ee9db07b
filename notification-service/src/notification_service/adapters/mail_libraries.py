"""The libraries that read mails: charsets, HTML, bounces, quotes. Call them in a child process: each can be slow."""

from collections.abc import Collection
from email import message_from_bytes

import nh3
from charset_normalizer import from_bytes
from flufl.bounce import all_failures
from mailparser_reply import EmailReplyParser
from mailparser_reply.constants import MAIL_LANGUAGES

TAGS = {
    "a", "address", "article", "aside", "b", "blockquote", "br", "center", "code", "dd", "div", "dl", "dt", "em",
    "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "li", "main", "nav", "ol", "p", "pre",
    "section", "span", "strong", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
MAX_GUESSED_BYTES = 64 * 1024
LANGUAGES = [name for name in MAIL_LANGUAGES if len(name) == 2]


def guess(content: bytes) -> str | None:
    """Return the text of bytes in the charset that fits them best, None where none does."""
    best = from_bytes(content[:MAX_GUESSED_BYTES]).best()
    if best is None:
        return None
    return content.decode(best.encoding, "replace")


def sanitise(html: str) -> str:
    """Return HTML without images, forms, scripts and styles, whose only links are web and mail addresses."""
    return nh3.clean(
        html,
        tags=TAGS,
        clean_content_tags={"script", "style", "title", "head", "template", "noscript"},
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )


def strip_quotes(text: str) -> str:
    """Return a text without the mail that it quotes at its end; '' where it has nothing else."""
    return EmailReplyParser(languages=LANGUAGES).read(text=text).latest_reply or ""


def failures(raw: bytes) -> tuple[list[str], list[str]]:
    """Return the addresses that a mail server's report names: those that failed for now, and those for good."""
    temporary, permanent = all_failures(message_from_bytes(raw))
    return _addresses(temporary), _addresses(permanent)


def _addresses(found: Collection[object]) -> list[str]:
    texts = [each.decode("ascii", "replace") if isinstance(each, bytes) else str(each) for each in found]
    return sorted({text.lower() for text in texts})
