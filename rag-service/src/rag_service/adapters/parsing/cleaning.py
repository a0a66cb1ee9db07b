"""Cleans text for storage and display: removes every character that a reader cannot see."""

import re
import unicodedata

# C0 and C1 controls except tab and line feed; soft hyphen; direction marks; zero-width and invisible characters;
# surrogates; variation selectors and tags, which can hide whole messages; noncharacters. The sign for an unknown letter
# (U+FFFD) stays: without it "of\ufffdice" would be another word, and nobody would see that a letter is missing.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Joiners belong into Arabic, Indic scripts and emoji; in between Latin letters they only split words.
_STRAY_JOINER = re.compile("(?<![\u0600-\u1fff\u2600-\u27bf\ua800-\uabff\U0001f000-\U0001faff])[\u200c\u200d]")
# The letters of ligatures: people search for "office" and not for "o\ufb03ce".
_LIGATURES = {
    0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st",
}  # fmt: skip
_LINE_END = re.compile("\r\n?|\x85|\u2028|\u2029|\x0b|\x0c")
_MARKS = re.compile("([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{8})"
                    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")  # fmt: skip
_SPACES = re.compile("[^\\S\n\t ]")
_MANY_LINES = re.compile("\n{3,}")
# Matches at the beginning of a run of spaces only; otherwise the time would be quadratic in the run's length.
_LINE_TAIL = re.compile("(?<![ \t])[ \t]+$", re.MULTILINE)
_RUN = re.compile("\\s+")


def printable(text: str) -> str:
    """Remove invisible characters, in linear time."""
    return _STRAY_JOINER.sub("", _UNSEEN.sub("", text))


def clean(text: str) -> str:
    """Return text in its composed form, with one kind of line end and space, at most one empty line in a row."""
    if text.isascii() and text.isprintable():
        # Most lines of most files: nothing is invisible, composed or a line end.
        return text.rstrip(" ")
    if text.isascii() and text.replace("\n", "").isprintable():
        return _MANY_LINES.sub("\n\n", _LINE_TAIL.sub("", text)).strip("\n")
    text = _MARKS.sub(r"\1", printable(_LINE_END.sub("\n", text)))
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", text.translate(_LIGATURES)))
    return _MANY_LINES.sub("\n\n", _LINE_TAIL.sub("", text)).strip("\n")


def one_line(text: str) -> str:
    """Return clean text without line ends or runs of spaces."""
    # Most cells of most tables, a million of them in one file.
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    return _RUN.sub(" ", clean(text)).strip()


def short(text: str, max_characters: int) -> str:
    """Return text cut to a length, at a space where there is one near."""
    if len(text) <= max_characters:
        return text
    cut = text[: max_characters - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[max_characters // 2 :] else cut).rstrip() + "…"
