"""Finds what letters mean whose font doesn't say it: mostly ligatures, and forms of f and t beside an i.

A letter without meaning is known by its font and width. Each gets a private mark while the document is read. Afterwards
the words that hold the mark decide what it stands for: a reading counts that makes a word of this document, or a common
word. Without such a word the mark stays visible.
"""

import ctypes
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import pypdfium2.raw as pdfium

UNKNOWN = "\ufffd"
FIRST_MARK, MARKS = 0xF0000, 400
READINGS = (
    "fi",
    "fl",
    "ff",
    "ffi",
    "ffl",
    "f",
    "ti",
    "tt",
    "ft",
    "t",
    "tti",
    "fj",
    "ffj",
    "Th",
    "tf",
    "fb",
    "fh",
    "fk",
)
MAX_NAME_BYTES = 120
MAX_WORDS = 400
"""Words that are looked at for one letter."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


COMMON = _set(
    """
    office offices officer officers official first file files filed find fill filled fit fits five fifteen fifty field
    fields final finally finance financial fixed firm fire finish finished benefit benefits profit confirm confirmed
    confirmation define defined definition specific specified identify identified certificate certified qualify
    qualified notify notified notification verify verification classification configuration sufficient efficient
    difficult significant scientific traffic staff off offer offers offered offering effect effective effort affect
    affected different difference diff cliff tariff buffer suffer coffee flat floor flow flight flexible flexibility
    fleet fly flag reflect conflict influence workflow inflation wifi after often left shift draft gift software
    information time title action notice matter better letter attention written committee until into this that the they
    schriftlich betrifft büro öffnung öffnungszeiten öffentlich auffinden finden finanz finanzen pflicht pflichten
    verpflichtet verpflichtung pflege pflegen pflanze haftpflicht frist schrift unterschrift oft luft kraft gehalt
    tarif treffen betreffend hilfe hilft offen offene kaffee koffer schiff stoff waffe geschäft auftrag heft empfehlung
    empfiehlt definition definiert spezifisch qualifikation zertifikat konflikt firma film filiale
    fiche fin fini finir office officiel effet efficace afficher différent différence bénéfice définir définition
    profil fleur flux conflit réflexion inflation chiffre suffit suffisant coffre offre
    kantoor bestuur effectief officieel profiel flexibel fiets definitie specifiek
    oficina fin final firma fijo flujo beneficio definir definición específico
    """
)
_WORD = re.compile(r"[^\W\d_]+(?:[^\W\d_]|[\U000f0000-\U000f0190])*|[\U000f0000-\U000f0190][^\W\d_\s]*")
MARKED = re.compile("[\U000f0000-\U000f0190]")


class Ligatures:
    """The letters without meaning of one document."""

    def __init__(self) -> None:
        self._marks: dict[tuple[str, int], str] = {}

    def __bool__(self) -> bool:
        return bool(self._marks)

    def mark(self, owner: Any, width: float) -> str:
        """Return the private mark of a letter of a text object; `width` is relative to the letters' height."""
        key = _font(owner), round(width * 50)
        found = self._marks.get(key)
        if found is None:
            if len(self._marks) >= MARKS:
                return UNKNOWN
            found = self._marks[key] = chr(FIRST_MARK + len(self._marks))
        return found

    def readings(self, texts: Iterable[str]) -> dict[int, str]:
        """Return what each mark stands for, as a table for `str.translate`."""
        words: Counter[str] = Counter()
        marked: Counter[str] = Counter()
        for text in texts:
            for word in _WORD.findall(text):
                (marked if MARKED.search(word) else words)[word.casefold()] += 1
        by_mark: defaultdict[str, list[str]] = defaultdict(list)
        for word, _ in marked.most_common():
            for mark in set(MARKED.findall(word)):
                by_mark[mark].append(word)
        found: dict[int, str] = {}
        # The words with one unknown letter decide first; what they tell makes others readable.
        for _ in range(2):
            for mark in self._marks.values():
                if ord(mark) not in found and (reading := _best(mark, by_mark[mark], words, found)):
                    found[ord(mark)] = reading
        return {ord(mark): found.get(ord(mark), UNKNOWN) for mark in self._marks.values()}


def _best(mark: str, marked: list[str], words: Counter[str], found: dict[int, str]) -> str | None:
    votes: Counter[str] = Counter()
    for word in marked[:MAX_WORDS]:
        known = word.translate(found)
        if len(set(MARKED.findall(known))) != 1:
            continue
        for reading in READINGS:
            candidate = known.replace(mark, reading).casefold()
            if len(candidate) > 2 and (candidate in COMMON or candidate in words):
                votes[reading] += 1
    if not votes:
        return None
    (first, most), *rest = votes.most_common(2)
    return first if not rest or most > rest[0][1] else None


def _font(owner: Any) -> str:
    font = pdfium.FPDFTextObj_GetFont(owner) if owner else None
    return font_name(font) if font else ""


def font_name(font: Any) -> str:
    """Return a font's name, mostly with its weight."""
    buffer = ctypes.create_string_buffer(MAX_NAME_BYTES)
    pdfium.FPDFFont_GetBaseFontName(font, buffer, MAX_NAME_BYTES)
    return buffer.value.decode("utf-8", "replace")
