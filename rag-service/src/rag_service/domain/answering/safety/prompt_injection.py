"""Detects prompt injection in passages, and sanitizes text for display.

Passages are data, and instructions in them are never followed. This module also keeps them from being quoted.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from rag_service.domain.answering.language.sentences import Sentence
from rag_service.domain.answering.language.text_features import addresses, plain
from rag_service.domain.answering.safety.planted_orders import has_planted_order

_IMAGE = re.compile(r"!\[([^\]]{0,300})\](?:\([^)]{0,2000}\)?|\[[^\]]{0,300}\])|<img\b[^>]*>?", re.IGNORECASE)
_LINK = re.compile(r"(?<!!)\[([^\]]{0,300})\]\(\s*<?([^)\s>]*)>?(?:\s+[^)]*)?\)")
_TAG = re.compile(
    r"</?(?:script|style|iframe|frame|object|embed|form|input|button|svg|math|link|meta|base|video|audio|source"
    r"|a)\b[^<>]*>?"
    r"|<!--.*?(?:-->|$)",
    re.DOTALL | re.IGNORECASE,
)
"""Tags that a browser would act on. `<server name>` is kept, because manuals write so."""


def is_injection(text: str) -> bool:
    """Return whether a text gives instructions to the model that reads it."""
    return has_planted_order(" ".join(plain(text).split()))


def safe_sentences(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Return the sentences that may be quoted: none of a paragraph with prompt injection.

    The author of an injection wrote the text around it, too. A line end may cut an injection in two, so adjacent
    sentences are also checked together.
    """
    injected = {each.block for each in sentences if is_injection(each.text)}
    for one, following in pairwise(sentences):
        together = one.block == following.block or one.kind == following.kind == "table"
        if together and not {one.block, following.block} & injected and is_injection(f"{one.text} {following.text}"):
            injected |= {one.block, following.block}
    return [each for each in sentences if each.block not in injected]


def sanitized(text: str, *sources: str) -> str:
    """Return a text for display: without images and tags, links as their text, and without web addresses that no source
    has."""
    before = None
    while before != text:
        # Repeated, because a removal may leave a new match: `<im<img>g src=…>`.
        before = text
        text = _IMAGE.sub(lambda found: found[1] or "", text)
        text = _LINK.sub(lambda found: f"{found[1]} ({found[2]})" if addresses(found[2]) else found[1], text)
        text = _TAG.sub("", text).replace("![", "[")
    known = set().union(*(addresses(source) for source in sources)) if sources else set()
    for address in sorted(addresses(text) - known, key=len, reverse=True):
        text = text.replace(address, "[link removed]")
    return " ".join(text.split())
