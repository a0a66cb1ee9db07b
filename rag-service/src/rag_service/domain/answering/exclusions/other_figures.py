"""Tells rows whose number is another one than the question names: "zone 1" does not answer for "zone 3", nor "30
minutes" for "45 min"."""

import re
from collections.abc import Iterator, Sequence

from rag_service.domain.answering.answer_kind import asked_kind
from rag_service.domain.answering.language.text_features import COMMON, plain, stem, tokens
from rag_service.domain.answering.language.word_match import Words, fold
from rag_service.domain.answering.question_subject import subject_words
from rag_service.domain.answering.tables.columns import cells
from rag_service.domain.answering.units.found_unit import FoundUnit

Figure = tuple[str, str]
"""The word that a number stands beside, in its plainest form, and the number."""

_UNITS = """\
min mins minute minutes minuten minuto minutos minuti minuut
h hr hrs hour hours stunde stunden std heure heures hora horas ora ore uur uren
day days tag tage tagen jour jours día días giorno giorni dag dagen
in inch inches zoll pouce pouces pulgada pulgadas
kg kilo kilos kilogram kilograms
l litre litres liter liters
m metre metres meter meters
person persons people personen personne personnes persona personas personen"""
_UNIT_OF = {fold(way): line.split()[0] for line in _UNITS.splitlines() for way in line.split()}
_MARKS = {"'": "min", "′": "min", "’": "min", '"': "in", "″": "in"}
_NO_THING = frozenset(tokens("am pm uhr clock chf eur euro usd gbp franken francs dollars pounds percent prozent vat"))
"""Words beside times of the day and amounts of money."""
_NUMBER = r"(\d{1,3}(?:[.,]\d{1,2})?)"
_BEHIND_WORD = re.compile(rf"([^\W\d_]{{2,}})(?: ?[:#]| (?:no|nr)\.?)? {_NUMBER}(?![\w%€$£]|[.,:/]\d)")
_BEFORE_WORD = re.compile(rf"(?<![\w.,:/€$£]){_NUMBER}(?:\.|st|nd|rd|th)?(?:[ -]?([^\W\d_]+)|(['′’\"″])(?!\w))")
_OPEN_BEFORE = re.compile(
    r"(?i)(?:\b(?:up to|over|under|above|below|from|at least|at most|more than|less than|max\.?|min\.?|maximum|minimum"
    r"|to|and|between|until|bis|ab|über|unter|mindestens|höchstens|zu|und|von|jusqu\w*|dès|plus de|moins de|et|hasta"
    r"|desde|más de|menos de|y|fino a|oltre|e|tot|vanaf|boven|en)|[<>≤≥–—+~-])\s*$"
)
_OPEN_BEHIND = re.compile(
    r"(?i)^\s*(?:[–—+-]|(?:to|and|or|bis|und|oder|à|et|ou|y|o|a|e|tot|en)\b)\s*(?:\d|$|more|above|mehr)"
)
_GROUP = re.compile(r"^(?:[^:;\n]*; )+(?=[^:;\n]{1,60}: )")
"""Names of groups above a row, which stand before its cells."""
_NAMES = re.compile(r"[^\W\d_]{3,}")
_ORDINAL_WORDS = (
    "first erste ersten erster erstes premier première primer primera primo prima eerste",
    "second zweite zweiten zweiter zweites deuxième seconde segundo segunda secondo seconda tweede",
    "third dritte dritten dritter drittes troisième tercer tercera terzo terza derde",
    "fourth vierte vierten vierter viertes quatrième cuarto cuarta quarto quarta vierde",
    "fifth fünfte fünften fünfter fünftes cinquième quinto quinta vijfde",
    "sixth sechste sechsten sechster sechstes sixième sexto sexta sesto sesta zesde",
)
_ORDINALS = {fold(word): str(number) for number, words in enumerate(_ORDINAL_WORDS, 1) for word in words.split()}
_ORDINAL = re.compile(rf"(?i)\b(?:{'|'.join(' '.join(_ORDINAL_WORDS).split())})\b(?= [^\W\d_]{{2}})")
MAX_NAME_WORDS = 3
"""Words behind an ordinal that may be the name of what it counts."""
_NUMERALS = ("I", "II", "III", "IV", "V", "VI")
_ROMAN = re.compile(r"(?<=[^\W\d_] )(?:(?:III?|IV|VI)(?!\w)|[IV](?=[;:,)]|$))")
"""Behind a word; `I` and `V` only at the end of a value or a name."""


def with_other_figures(question: str, found: Sequence[FoundUnit]) -> list[FoundUnit]:
    """Return the rows among these units with another number than the question names, in the place where rows differ.

    The place is what names the row; and any other cell where a row of the same table holds the asked number. If a row
    holds it, rows without such a number are returned too, but for those with all other words of the question.
    """
    rows = [each for each in found if each.unit.unit.kind == "row"]
    every = [set(figures(with_digits(_without_group(each.core.shown)))) for each in rows]
    asked: dict[str, set[str]] = {}
    for key, number in figures(question):
        asked.setdefault(key, set()).add(number)
    # "The first bus" is no number of a bus, unless one is called so.
    for figure in [*figures(with_digits(question)), *_ordinals(question)]:
        if any(figure in there for there in every):
            asked.setdefault(figure[0], set()).add(figure[1])
    if not asked or not rows:
        return []
    tables = {_table(each) for each, there in zip(rows, every, strict=True) if each.unit.named and _fits(asked, there)}
    rest = _other_words(question, asked)
    others = []
    for each, there in zip(rows, every, strict=True):
        place = set(figures(with_digits(naming_text(each.core.shown))))
        if asked_kind(question) != "decision" and _table(each) in tables:
            place = there
        without = not any(key in asked for key, _ in there)
        if _differs(asked, place, there) or (tables and without and not _holds_all(rest, each)):
            others.append(each)
    return others


def figures(text: str) -> Iterator[Figure]:
    """Yield the numbers of a text with the word before or behind them; none that is the end of a range."""
    text = plain(text)
    for each in _BEHIND_WORD.finditer(text):
        key = _key(each[1])
        if key and not _is_open(text, each.start(2), each.end(2)):
            yield key, _normal(each[2])
    for each in _BEFORE_WORD.finditer(text):
        key = _MARKS[each[3]] if each[3] else _key(each[2])
        if key and not _is_open(text, each.start(1), each.end(1)):
            yield key, _normal(each[1])


def with_digits(text: str) -> str:
    """Return a text with ordinal words and Roman numerals as digits: "2. course" for "second course" or "course II"."""
    text = _ORDINAL.sub(lambda found: f"{_ORDINALS[fold(found[0].casefold())]}.", text)
    return _ROMAN.sub(lambda found: str(_NUMERALS.index(found[0]) + 1), text)


def _ordinals(question: str) -> Iterator[Figure]:
    """Yield the ordinal words of a question with each of the words behind them: "second summer course"."""
    for each in _ORDINAL.finditer(question):
        for word in _NAMES.findall(question[each.end() :])[:MAX_NAME_WORDS]:
            if key := _key(word):
                yield key, _ORDINALS[fold(each[0].casefold())]


def naming_text(row: str) -> str:
    """Return the beginning of a row that names it: its cells up to the first one with a word."""
    parts = []
    for name, value in cells(_without_group(row)):
        parts.append(f"{name}: {value}" if name else value)
        if _NAMES.search(value):
            break
    return "; ".join(parts)


def _without_group(row: str) -> str:
    return _GROUP.sub("", row)


def _key(word: str) -> str:
    small = word.casefold()
    if small in COMMON or small in _NO_THING:
        return ""
    return _UNIT_OF.get(fold(small), "") or (fold(stem(small)) if len(small) > 1 else "")


def _normal(number: str) -> str:
    return number.replace(",", ".").lstrip("0") or "0"


def _is_open(text: str, start: int, end: int) -> bool:
    return _OPEN_BEFORE.search(text[:start]) is not None or _OPEN_BEHIND.search(text[end:]) is not None


def _fits(asked: dict[str, set[str]], there: set[Figure]) -> bool:
    return all(any((key, number) in there for number in numbers) for key, numbers in asked.items())


def _differs(asked: dict[str, set[str]], place: set[Figure], there: set[Figure]) -> bool:
    return any(
        any(other == key for other, _ in place) and not any((key, number) in there for number in numbers)
        for key, numbers in asked.items()
    )


def _other_words(question: str, asked: dict[str, set[str]]) -> list[str]:
    return [word for word in subject_words(question) if word.isalpha() and _key(word) not in asked]


def _holds_all(words: Sequence[str], found: FoundUnit) -> bool:
    passage = found.assessed.passage
    here = Words(" ".join([found.core.shown, *passage.heading, passage.title]))
    return bool(words) and all(here.holds(word) for word in words)


def _table(found: FoundUnit) -> tuple[object, ...]:
    passage = found.assessed.passage
    return passage.document_id, passage.heading
