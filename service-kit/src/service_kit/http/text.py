"""Validation of required text: a text of invisible characters only counts as blank."""

import unicodedata

from marshmallow import ValidationError

BLANK = "Must not be blank."

# Controls, format characters (zero width, bidi, soft hyphen, tags), separators and combining marks.
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me"})
# Characters that Unicode classifies as letters or symbols and fonts show as blank: the Hangul fillers, the Braille
# blank, the object replacement character, the musical null notehead. Unicode reserves the ranges for invisible
# characters.
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\ufffc\U0001d159")
_RESERVED = ((0x2065, 0x2065), (0xFFF0, 0xFFF8), (0xE0000, 0xE0FFF))


def is_blank(text: str) -> bool:
    """Return whether a text has no visible character."""
    return not any(_is_visible(character) for character in text)


def not_blank(value: str) -> None:
    """Raise ValidationError for a blank text; a marshmallow validator."""
    if is_blank(value):
        raise ValidationError(BLANK)


def _is_visible(character: str) -> bool:
    if character.isascii():
        return "!" <= character <= "~"
    if unicodedata.category(character) in _INVISIBLE_CATEGORIES or character in _FILLERS:
        return False
    return not any(first <= ord(character) <= last for first, last in _RESERVED)
