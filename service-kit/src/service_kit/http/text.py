"""Required text has to show something: characters that nobody sees, alone or together, are a blank."""

import unicodedata

from marshmallow import ValidationError

BLANK = "Must not be blank."

# Controls, format characters (zero width, bidi, soft hyphen, tags), separators, and marks without a letter to sit on.
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me"})
# Letters and symbols by their category that fonts show as nothing: the fillers of Hangul, the blank of Braille, a
# placeholder of an object that was not copied, the null of musical notation. The last ranges are reserved for further
# invisible characters.
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\ufffc\U0001d159")
_RESERVED = ((0x2065, 0x2065), (0xFFF0, 0xFFF8), (0xE0000, 0xE0FFF))


def is_blank(text: str) -> bool:
    """Return whether a text shows nothing."""
    return not any(_is_seen(character) for character in text)


def not_blank(value: str) -> None:
    """Refuse a text that shows nothing; a marshmallow validator."""
    if is_blank(value):
        raise ValidationError(BLANK)


def _is_seen(character: str) -> bool:
    if character.isascii():
        return "!" <= character <= "~"
    if unicodedata.category(character) in _UNSEEN or character in _FILLERS:
        return False
    return not any(first <= ord(character) <= last for first, last in _RESERVED)
