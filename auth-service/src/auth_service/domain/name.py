"""The names of people: which are accepted, and their normal form."""

import re
import unicodedata

MAX_CHARACTERS = 150
_BLANKS = re.compile(r"\s+")
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
# Letters and marks that are shown as nothing or as a blank: fillers, the Braille blank, the grapheme joiner, Khmer's
# inherent vowels, variation selectors, Mongolian ones too.
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SELECTORS = ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))


class BadName(Exception):
    """A name isn't acceptable; the message says why."""


def accepted_name(given: str) -> str:
    """Return a name in NFKC with single blanks: wide letters, ligatures and odd blanks become the usual ones.

    Raises BadName for an empty or long name, blanks around it, and anything invisible in it: people tell names apart by
    sight.
    """
    if len(given) > MAX_CHARACTERS:
        raise BadName(f"Longer than {MAX_CHARACTERS} characters.")
    if invisible := dict.fromkeys(filter(_is_invisible, given)):
        raise BadName(f"No control characters and nothing invisible in it: {', '.join(map(_named, invisible))}.")
    name = _BLANKS.sub(" ", unicodedata.normalize("NFKC", given))
    if not name or name != name.strip():
        raise BadName("No blanks around it.")
    if len(name) > MAX_CHARACTERS:  # some letters become several
        raise BadName(f"Longer than {MAX_CHARACTERS} characters.")
    return name


def _named(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()


def _is_invisible(character: str) -> bool:
    if unicodedata.category(character) in _INVISIBLE_CATEGORIES or character in _FILLERS:
        return True
    return any(first <= ord(character) <= last for first, last in _SELECTORS)
