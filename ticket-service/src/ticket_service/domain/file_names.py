"""Names of files: sanitised first, checked afterwards, never used as a path."""

import unicodedata

from ticket_service.domain.files import BadFile

MAX_NAME_CHARACTERS = 255
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories of invisible characters that could hide or reorder others: NUL, zero-width, bidi, …"""


def file_name(given: str) -> str:
    """Return a file's name without path and invisible characters; raise BadFile where it is empty or too long.

    Sanitising a returned name again doesn't change it.
    """
    name = given
    # Removing a character may join two others that NFKC then composes, so one pass is not enough.
    while (cleaned := _cleaned(name)) != name:
        name = cleaned
    if not name:
        raise BadFile("The file has no name.")
    if len(name) > MAX_NAME_CHARACTERS:
        raise BadFile(f"The file's name is longer than {MAX_NAME_CHARACTERS} characters.")
    return name


def extension_of(name: str) -> str:
    """Return a name's extension in lower case, without the dot; empty without one."""
    stem, dot, last = name.rpartition(".")
    return last.lower() if stem and dot else ""


def _cleaned(name: str) -> str:
    # NFKC comes first, because it turns some characters into slashes or dots.
    composed = unicodedata.normalize("NFKC", name)
    # Tabs and line feeds become blanks, because dropping them would join words.
    spaced = "".join(" " if character in "\t\r\n" else character for character in composed)
    visible = "".join(character for character in spaced if unicodedata.category(character) not in INVISIBLE)
    last = visible.replace("\\", "/").rpartition("/")[2]
    return " ".join(last.split()).strip(". ")
