"""Joins the lines of a text; a hyphen at a line's end is a part of the word, or only broke it.

The document decides where it can: by the word in one piece elsewhere, or with its hyphen, or by both halves alone. Then
come capitals, figures and prefixes, which hold in English and German. A word that nothing speaks for was broken.
"""

import re
from collections import Counter
from collections.abc import Iterable

from rag_service.adapters.parsing.pdf_words import HYPHEN

HYPHENS = (HYPHEN, "-", "\u2010", "\u2011", "\u00ad", "\ufffe")
MAX_WORD_CHARACTERS = 80
SOFT = "\u00ad"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ENDS = tuple('.!?:;…"”)]')
_BEGINS_ITEM = re.compile(
    r"[-•–*▪◦●○■□➢✓☐☑☒]\s|\(?\d{1,3}[.)]\s|\(?[a-zA-Z][.)]\s|\d{1,2}(?:\.\d{1,2}){1,4}\.?\s|[¹²³⁴-⁹]+\s|§"
)
_WORDS = re.compile(r"[^\W\d_]+(?:[-\u2010\u2011][^\W\d_]+)*")
_LAST = re.compile(r"[^\s()\[\]\"“”„,;]*$")
_FIRST = re.compile(r"[^\s()\[\]\"“”„,;.!?:]+")
_KEEP_AFTER = _set("non self all well cross half ill ex quasi anti semi e x u co t pseudo vice nicht")
"""Parts of words that a hyphen mostly follows, and that no syllable ends with."""
_KEEP_BEFORE = _set(
    "based related free wide friendly specific term party time day days week weeks month months year years hour hours "
    "level up in off out on to of the and date site house paid owned employed aware ready quality risk priority class "
    "mail person people led driven facing bound proof style size sized scale"
)
"""Parts of words that a hyphen mostly stands before."""
_NO_KEEP = _set("e x u t co ex")
OPEN_WORDS = _set(
    "the a an of to in on at by for with from and or our your their its der die das den dem des ein eine einen einem "
    "einer und oder von vom zum zur mit bei für le la les du des un une et ou de het een en van voor met el los las y o"
)
"""No sentence and no entry of a list ends with these."""
_SUSPENDED = _set("und oder bzw sowie and or en of et ou y e o bis")
"""Behind a hyphen that stands for the rest of a word: `Vor- und Nachteile`."""


class Joiner:
    """Joins lines of one document."""

    def __init__(self, texts: Iterable[str]) -> None:
        """`texts`: all lines of the document, in their order."""
        self._known: Counter[str] = Counter()
        self._exact: set[str] = set()
        broken = False
        for text in texts:
            words = _WORDS.findall(text)
            # Halves of words are no words.
            whole = words[int(broken) : len(words) - text.endswith(HYPHENS)]
            broken = text.endswith(HYPHENS)
            self._known.update(word.casefold() for word in whole)
            self._exact.update(whole)

    def between(self, before: str, line: str, *, full: bool) -> tuple[str, str]:
        """Return the first of two lines as it is to stand, and what parts it from the second.

        `full`: the first fills its column, so that the second may go on with it.
        """
        if before.endswith(HYPHENS) and line[:1].isalnum():
            head = before[:-1]
            if not head[-1:].isalnum():
                return shown(before), " "
            return head, self._hyphen(head, line, before[-1])
        if _BEGINS_ITEM.match(line):
            return before, "\n"
        runs_on = line[:1].islower() or (full and not before.endswith(_ENDS)) or _last_word(before) in OPEN_WORDS
        return before, " " if runs_on else "\n"

    def begins_item(self, text: str) -> bool:
        """Return whether a line begins an item of a list, or a clause with its number."""
        return bool(_BEGINS_ITEM.match(text))

    def cell(self, text: str) -> str:
        """Return the lines of a cell as one line."""
        first, *others = text.split("\n")
        for line in others:
            if first.endswith(HYPHENS) and line[:1].isalnum() and first[-2:-1].isalnum():
                first = first[:-1] + self._hyphen(first[:-1], line, first[-1]) + line
            else:
                first = f"{shown(first)} {line}"
        return shown(first)

    def _hyphen(self, head: str, line: str, sign: str) -> str:
        """Return what stands between the halves of a word: nothing, a hyphen, or a hyphen and a space."""
        if sign == SOFT:
            return ""
        one = _LAST.search(head[-MAX_WORD_CHARACTERS:])
        other = _FIRST.match(line[:MAX_WORD_CHARACTERS])
        first, second = one.group() if one else "", other.group() if other else ""
        if second.casefold() in _SUSPENDED and first.casefold() not in ("state", "up", "end", "one"):
            return "- "
        if any(mark in first for mark in "@/._") or "@" in second or first[-1:].isdigit() or second[:1].isdigit():
            return "-"
        tail = re.split("[-\u2010\u2011]", second)[0]
        whole, parted = (first + tail).casefold(), f"{first}-{tail}".casefold()
        if self._known[whole] or self._known[parted]:
            return "-" if self._known[parted] > self._known[whole] else ""
        if second[:1].isupper():
            return "" if first.isupper() and len(first) > 1 and second.isupper() and len(second) > 1 else "-"
        begin = re.split("[-\u2010\u2011]", first)[-1].casefold()
        if begin in _KEEP_AFTER and not (begin in _NO_KEEP and not (len(begin) == 1 or tail[:1] == begin[-1:])):
            return "-"
        if (begin != first.casefold() and len(tail) < 4) or tail in _KEEP_BEFORE:
            return "-"
        if begin in ("re", "pre", "de") and tail[:1] == "e":
            return "-"
        both = len(begin) > 2 and len(tail) > 2 and self._known[begin] and tail in self._exact
        return "-" if both else ""


def _last_word(text: str) -> str:
    return "".join(text[-12:].split()[-1:])


def shown(text: str) -> str:
    """Return a text with a plain hyphen where PDFium has its own mark."""
    return text.replace(HYPHEN, "-").replace("\ufffe", "-")
