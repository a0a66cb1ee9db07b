"""The texts of people and programs that become mails: which are accepted, and the form of a subject."""

import re
import unicodedata

from service_kit.names import hidden_characters, hides

MAX_SUBJECT_CHARACTERS = 200
_LAYOUT = "\n\t"
# Controls, line separators, and the marks that turn the direction of what follows.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


def stored_text(text: str) -> str:
    """Return a text as it is stored: with line feeds as the only line breaks."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def fault_of_text(text: str) -> str | None:
    """Return why a stored text is refused, None where it is accepted.

    Marks of direction are kept: Arabic and Hebrew need them.
    """
    if any(unicodedata.category(each) == "Cc" and each not in _LAYOUT for each in text):
        return "Control characters other than tabs and line breaks are not allowed."
    return None


def fault_of_line(text: str) -> str | None:
    """Return why a text can't be a subject or a name, None where it can: those are one line without anything hidden."""
    hidden = hidden_characters(text)
    return f"No control characters and nothing invisible in it: {', '.join(hidden)}." if hidden else None


def one_line(text: str) -> str:
    """Return a rendered subject as one line of at most MAX_SUBJECT_CHARACTERS."""
    return _CONTROLS.sub(" ", text).strip()[:MAX_SUBJECT_CHARACTERS]


def without_hidden(text: str) -> str:
    """Return a text from outside as an acceptable name: in NFC, on one line, with single blanks, nothing hidden.

    Line breaks and tabs become blanks; '' where nothing remains that shows.
    """
    lines = "".join(" " if each.isspace() else each for each in unicodedata.normalize("NFC", text))
    # What is dropped may leave a joiner beside other characters, which then don't need it.
    while (kept := "".join(each for place, each in enumerate(lines) if not hides(lines, place))) != lines:
        lines = unicodedata.normalize("NFC", kept)
    shows = any(unicodedata.category(each)[0] not in "ZM" for each in lines)
    return " ".join(lines.split()) if shows else ""
