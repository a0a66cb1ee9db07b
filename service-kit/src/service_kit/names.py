"""Hidden characters in names: people tell names apart by sight, so a name holds nothing that doesn't show."""

import unicodedata

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Letters and marks that fonts show as nothing or as a blank: fillers, the Braille blank, the grapheme joiner, Khmer's
# inherent vowels, the place of an object, the musical null notehead.
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc\U0001d159")
_SELECTORS = ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
# Unicode reserves these for characters that show nothing.
_RESERVED = ((0x2065, 0x2065), (0xFFF0, 0xFFF8), (0xE0000, 0xE0FFF))
# Signs that enclose digits: Unicode counts them to the format characters, and fonts show them.
_VISIBLE_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
_JOINERS = frozenset("\u200c\u200d")
_EMOJI_JOINER = "\u200d"
_VIRAMA_CLASS = 9
# Arabic, Syriac, Thaana, N'Ko and Mandaic; the scripts of India; Myanmar; Khmer; Mongolian.
_JOINED_SCRIPTS = ((0x0600, 0x08FF), (0x0900, 0x0DFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x1800, 0x18AF))
_MONGOLIAN = ((0x1800, 0x18AF),)
_IDEOGRAPHS = ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
_EMOJI = ((0x2190, 0x2BFF), (0x1F000, 0x1FAFF))
_EMOJI_SELECTORS = frozenset("\ufe0e\ufe0f")
_KEYCAP = "\u20e3"


def is_hidden(character: str) -> bool:
    """Return whether a character shows nothing by itself: a control, bidi control, joiner, selector or filler."""
    if character in _VISIBLE_FORMATS:
        return False
    category = unicodedata.category(character)
    return category in _HIDDEN_CATEGORIES or character in _FILLERS or _within(character, _SELECTORS + _RESERVED)


def hidden_characters(text: str) -> list[str]:
    """Return what a name hides, each character once as `U+200B ZERO WIDTH SPACE`; [] for an acceptable name.

    Joiners and selectors are accepted where scripts and emoji need them: between letters of the scripts that join them,
    after a virama, in a family of emoji, after an emoji, an ideograph or a Mongolian letter.
    """
    found = [character for place, character in enumerate(text) if hides(text, place)]
    return [f"U+{ord(each):04X} {unicodedata.name(each, '')}".strip() for each in dict.fromkeys(found)]


def hides(text: str, place: int) -> bool:
    """Return whether a name hides its character at a place."""
    character = text[place]
    return is_hidden(character) and not _is_needed(character, text[place - 1 : place], text[place + 1 : place + 2])


def _is_needed(character: str, before: str, after: str) -> bool:
    if not before:
        return False
    if character in _JOINERS:
        if character == _EMOJI_JOINER and after and _ends_emoji(before) and _within(after, _EMOJI):
            return True
        if unicodedata.combining(before) == _VIRAMA_CLASS:
            return True
        return bool(after) and _within(before, _JOINED_SCRIPTS) and _within(after, _JOINED_SCRIPTS)
    if character in _EMOJI_SELECTORS:
        return _within(before, _EMOJI) or after == _KEYCAP or unicodedata.category(before) == "So"
    if _within(character, _SELECTORS[:1]):
        return _within(before, _MONGOLIAN)
    return _within(character, _SELECTORS[1:]) and _within(before, _IDEOGRAPHS)


def _ends_emoji(character: str) -> bool:
    return character in _EMOJI_SELECTORS or _within(character, _EMOJI)


def _within(character: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= ord(character) <= last for first, last in ranges)
