"""The text of a comment: what is accepted, and how it is stored."""

import unicodedata

MAX_TEXT_BYTES = 64 * 1024

_LAYOUT = "\n\t"


def stored_text(text: str) -> str:
    """Return a text as it is stored: in NFC, with line feeds as the only line breaks."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def fault_of_comment(text: str) -> str | None:
    """Return why a stored text is refused, None where it is accepted.

    Bidirectional marks are kept: Arabic and Hebrew need them. A client shows them as such.
    """
    size = len(text.encode())
    if size > MAX_TEXT_BYTES:
        return f"Longer than {MAX_TEXT_BYTES} bytes in UTF-8; it has {size}."
    if any(unicodedata.category(character) == "Cc" and character not in _LAYOUT for character in text):
        return "Control characters other than tabs and line breaks are not allowed."
    return None
