"""The fields of a mail's parts. The library fails on some; here nothing does."""

from email.message import Message
from email.utils import collapse_rfc2231_value


def whole(message: Message) -> bytes:
    """Return a mail within a mail as bytes."""
    try:
        return message.as_bytes()
    except Exception:
        # The generator fails on headers that the parser accepts.
        return str(message.get_payload()).encode(errors="replace")


def content_of(part: Message) -> bytes:
    """Return the decoded content of a part, as it is where it can't be decoded."""
    try:
        found = part.get_payload(decode=True)
    except Exception:
        found = None
    if isinstance(found, bytes):
        return found
    inner = payload(part)
    return inner.encode("utf-8", "surrogateescape") if isinstance(inner, str) else b""


def payload(part: Message) -> object:
    """Return the parts of a part, or its text before decoding."""
    try:
        return part.get_payload()
    except Exception:
        # The library looks its charset up, whose name may be anything.
        return part._payload  # type: ignore[attr-defined]


def content_type(part: Message) -> str:
    """Return the kind of a part, in lower case."""
    try:
        return part.get_content_type()
    except Exception:
        return "text/plain"


def disposition(part: Message) -> str:
    """Return how a part is to be shown: `inline`, `attachment`, '' without a wish."""
    try:
        return part.get_content_disposition() or ""
    except Exception:
        return ""


def parameter(part: Message, name: str) -> str:
    """Return a parameter of a part's content type, '' without it."""
    try:
        value = part.get_param(name, "")
        return collapse_rfc2231_value(value) if isinstance(value, str | tuple) else ""
    except Exception:
        return ""
