"""The reply of the parsing process, and its validation: the file may have exploited that process."""

import json
from typing import Any

from rag_service.adapters.parsing.cleaning import printable, short
from rag_service.adapters.parsing.limits import Limits
from rag_service.domain.document import Parsed, Section, Unreadable

CODES = frozenset({"scanned", "broken", "encrypted", "too_large", "too_slow", "wrong_kind", "empty"})
MAX_REASON_CHARACTERS = 300
MAX_NAME_CHARACTERS = 200
HEADINGS = 8
DAMAGED = Unreadable("broken", "The file can't be read: it is damaged, or needs more memory than a file may.")


def encode_document(parsed: Parsed) -> bytes:
    """Serialize a document."""
    sections = [[each.text, list(each.heading), each.locator] for each in parsed.sections]
    reply = {"title": parsed.title, "pages": parsed.pages, "sections": sections}
    return json.dumps(reply, ensure_ascii=False).encode("utf-8", "replace")


def encode_failure(reason: Unreadable) -> bytes:
    """Serialize the reason for a failure."""
    return json.dumps({"code": reason.code, "reason": reason.reason}).encode()


def max_reply_bytes(limits: Limits) -> int:
    """Return the maximal size of a reply in bytes."""
    return 2 * limits.characters + 1_000_000


def validated(reply: bytes, limits: Limits) -> Parsed:
    """Return the document of a reply. Raises Unreadable for a reported failure or an invalid reply."""
    try:
        found = json.loads(reply)
    except (ValueError, RecursionError):
        raise DAMAGED from None
    if not isinstance(found, dict):
        raise DAMAGED
    match found:
        case {"code": str(code), "reason": str(reason)} if code in CODES:
            raise Unreadable(code, printable(reason)[:MAX_REASON_CHARACTERS])
    title, pages, sections = (found.get(name) for name in ("title", "pages", "sections"))
    if not isinstance(title, str) or not isinstance(sections, list) or len(sections) > limits.sections:
        raise DAMAGED
    if pages is not None and (type(pages) is not int or not 0 <= pages <= 1_000_000):
        raise DAMAGED
    made = tuple(_section(each) for each in sections)
    if sum(len(each.text) for each in made) > limits.characters or not any(each.text.strip() for each in made):
        raise DAMAGED
    return Parsed(_name(title), made, pages)


def _section(reply: Any) -> Section:
    match reply:
        case [str(text), list(heading), str(locator)] if len(heading) <= HEADINGS:
            return Section(printable(text), tuple(_name(each) for each in heading), _name(locator))
    raise DAMAGED


def _name(reply: Any) -> str:
    if not isinstance(reply, str):
        raise DAMAGED
    return short(printable(reply), MAX_NAME_CHARACTERS)
