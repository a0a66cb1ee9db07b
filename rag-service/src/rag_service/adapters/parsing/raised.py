"""Writes raised digits as such: `320` with a raised `1` is not 3201."""

import re

MAX_RAISED_DIGITS = 3
_DIGITS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# Units (m², km³) and powers of ten keep their exponent; a footnote's number is another word.
_GLUED = re.compile(r"(?<![^\W\d_])([kcdmµ]?m|ft|in|yd|mi|s)[²³](?!\w)|\b10[⁰¹²³⁴-⁹]+|(\w)(?=[⁰¹²³⁴-⁹])")


def raised(text: str) -> str | None:
    """Return the digits of a raised text as raised ones; None for any other text."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= MAX_RAISED_DIGITS):
        return None
    return digits.translate(_DIGITS)


def apart(text: str) -> str:
    """Return text with a space before the raised numbers of footnotes."""
    if text.isascii():
        return text
    return _GLUED.sub(lambda found: f"{found[2]} " if found[2] and found[2] not in "⁰¹²³⁴⁵⁶⁷⁸⁹" else found[0], text)
