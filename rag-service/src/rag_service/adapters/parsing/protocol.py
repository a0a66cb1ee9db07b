"""The reply of the parsing process, and its validation: the file may have exploited that process."""

import json
import re
from datetime import date
from typing import Any

from rag_service.adapters.parsing.cleaning import printable, short
from rag_service.adapters.parsing.limits import Limits
from rag_service.domain.document import LeftOut, Parsed, PassageKind, Section, Unreadable

CODES = frozenset({"scanned", "broken", "encrypted", "too_large", "too_slow", "wrong_kind", "empty"})
MAX_REASON_CHARACTERS = 300
MAX_NAME_CHARACTERS = 200
HEADINGS = 8
KINDS = frozenset(PassageKind)
MAX_LEFT_OUT = 50
MAX_COUNT = 1_000_000_000
CODE = re.compile(r"[a-z_]{1,40}")
DAMAGED = Unreadable("broken", "The file can't be read: it is damaged, or needs more memory than a file may.")


def encode_document(parsed: Parsed) -> bytes:
    """Serialize a document."""
    sections = [[each.text, list(each.heading), each.locator, each.kind.value] for each in parsed.sections]
    left_out = [[each.code, each.count, each.reason] for each in parsed.left_out]
    saved = None if parsed.saved is None else parsed.saved.isoformat()
    reply = {
        "title": parsed.title, "pages": parsed.pages, "sections": sections, "left_out": left_out, "saved": saved,
    }  # fmt: skip
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
    title, pages, sections, left_out = (found.get(name) for name in ("title", "pages", "sections", "left_out"))
    if not isinstance(title, str) or not isinstance(sections, list) or len(sections) > limits.sections:
        raise DAMAGED
    if not isinstance(left_out, list) or len(left_out) > MAX_LEFT_OUT:
        raise DAMAGED
    if pages is not None and (type(pages) is not int or not 0 <= pages <= 1_000_000):
        raise DAMAGED
    made = tuple(_section(each) for each in sections)
    if sum(len(each.text) for each in made) > limits.characters or not any(each.text.strip() for each in made):
        raise DAMAGED
    left = tuple(_left_out(each) for each in left_out)
    return Parsed(_name(title), made, pages, left, _saved(found.get("saved")))


def _section(reply: Any) -> Section:
    match reply:
        case [str(text), list(heading), str(locator), str(kind)] if len(heading) <= HEADINGS and kind in KINDS:
            return Section(printable(text), tuple(_name(each) for each in heading), _name(locator), PassageKind(kind))
    raise DAMAGED


def _left_out(reply: Any) -> LeftOut:
    match reply:
        case [str(code), int(count), str(reason)] if CODE.fullmatch(code) and 0 < count <= MAX_COUNT:
            return LeftOut(code, count, short(printable(reason), MAX_REASON_CHARACTERS))
    raise DAMAGED


def _saved(reply: Any) -> date | None:
    if reply is None:
        return None
    if not isinstance(reply, str):
        raise DAMAGED
    try:
        return date.fromisoformat(reply)
    except ValueError:
        raise DAMAGED from None


def _name(reply: Any) -> str:
    if not isinstance(reply, str):
        raise DAMAGED
    return short(printable(reply), MAX_NAME_CHARACTERS)
