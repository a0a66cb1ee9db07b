"""Names of files as people may see them: made harmless first, checked afterwards, never used as a path."""

import unicodedata

from ticket_service.domain.files import BadFile

LONGEST_NAME = 255
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories of what can't be seen and could hide or turn around what can: NUL, zero-width, bidi, …"""


def file_name(given: str) -> str:
    """Return a file's name without path and invisible characters; raise BadFile where none is left or it is too long.

    A name that this returned stays as it is.
    """
    name = given
    # What is left out may bring two characters together that then become one, so once is not enough.
    while (cleaned := _cleaned(name)) != name:
        name = cleaned
    if not name:
        raise BadFile("The file has no name.")
    if len(name) > LONGEST_NAME:
        raise BadFile(f"The file's name is longer than {LONGEST_NAME} characters.")
    return name


def ending(name: str) -> str:
    """Return what follows a name's last dot, in lower case; empty where there is none."""
    stem, dot, last = name.rpartition(".")
    return last.lower() if stem and dot else ""


def _cleaned(name: str) -> str:
    # First, because some characters become slashes or dots by it.
    composed = unicodedata.normalize("NFKC", name)
    # Tabs and line feeds are blanks to who reads; dropping them would join words.
    spaced = "".join(" " if character in "\t\r\n" else character for character in composed)
    visible = "".join(character for character in spaced if unicodedata.category(character) not in INVISIBLE)
    last = visible.replace("\\", "/").rpartition("/")[2]
    return " ".join(last.split()).strip(". ")
