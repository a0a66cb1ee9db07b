"""The names of people: which are accepted, and their normal form."""

import re
import unicodedata

from service_kit.names import is_hidden

MAX_CHARACTERS = 150
_BLANKS = re.compile(r"\s+")
_WITHOUT_A_SHAPE = frozenset({"Cn", "Co"})


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
    # Joiners too, which scripts need: names of people are unique, and one that differs by a joiner looks the same.
    return is_hidden(character) or unicodedata.category(character) in _WITHOUT_A_SHAPE
