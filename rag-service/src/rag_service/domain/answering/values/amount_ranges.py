"""Amounts of a question, such as "7 kg", and ranges of amounts in tables, such as `up to 10 kg` or `4–6 persons`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import inf

from rag_service.domain.answering.language.text_features import tokens

MAX_QUESTION_CHARACTERS = 1_000
_UNITS = """\
kg 1 kg kilo kilos kilogram kilograms kilogramm kilogrammes
kg .001 g gram grams gramm grammes
kg 1000 t ton tons tonne tonnes tonnen
km 1 km kilometre kilometres kilometer kilometers kilomètres kilómetros
mile 1 mile miles
m 1 m metre metres meter meters mètres metros
m .01 cm centimetre centimetres centimeter centimeters zentimeter
m2 1 m² m2 sqm qm quadratmeter quadratmetern
l 1 l litre litres liter liters
person 1 person persons people adults guests players pax personen leute gäste personne personnes personas persone
year 1 year years yr yrs year-old years-old jahr jahre jahren jährig jährige jähriger jähriges jährigen ans
year 1 años anni jaar
month 1 month months monat monate monaten mois meses mesi maanden
week 1 week weeks woche wochen semaines semanas weken
night 1 night nights nacht nächte nächten nuit nuits noches notti nachten
day 1 day days tag tage tagen jours días giorni dagen
hour 1 h hour hours std stunde stunden heures horas ore uren
min 1 min mins minute minutes minuten minuti
piece 1 piece pieces pcs copies stück exemplare pièces piezas pezzi stuks
money 1 € $ £ eur euro euros gbp pounds usd dollars chf franken francs"""
_UNIT_OF = {
    name: (kind, float(factor))
    for kind, factor, *names in (line.split() for line in _UNITS.splitlines())
    for name in names
}
_UNIT = (
    "(?:square (?:metres|meters|m)|mètres carrés|"
    + "|".join(re.escape(each) for each in sorted(_UNIT_OF, key=len, reverse=True))
    + r")(?![^\W_])"
)
_SIGN = "[€$£]"
_NUMBER = r"\d{1,3}(?:[.,]\d{3})+(?!\d)|\d+(?:[.,]\d+)?"
_AGE_BEFORE = r"(?:years?|ages?|aged|alter|âge|age|edad)"
_CLASS_BEFORE = r"(?:class|classes|grades?|klassen?|klassenstufen?)"
_BEFORE = rf"(?:(?P<age>{_AGE_BEFORE})|(?P<class>{_CLASS_BEFORE}))\s"
_AMOUNT = rf"(?P<sign>{_SIGN})?\s?(?P<low>{_NUMBER})(?:[ -]?(?P<unit>{_UNIT}))?"
_LETTER = r"(?<![\w.,])"
_BETWEEN = re.compile(
    rf"(?i){_LETTER}(?:{_BEFORE})?{_AMOUNT}\s?(?:-|–|—|to|bis|à|a|hasta|tot|and|und|et|y|e|en)\s?"
    rf"{_SIGN}?\s?(?P<high>{_NUMBER})(?:[ -]?(?P<unit2>{_UNIT}|{_SIGN}))?(?!\w)"
)
_UP_TO = re.compile(
    r"(?i)(?<!\w)(?:up to|max\.?|maximum|maximal|at most|no more than|bis(?: zu)?|höchstens|jusqu['’]à|hasta|fino a|tot"
    rf"|≤|<=) ?{_AMOUNT}(?!\w)"
)
_UNDER = re.compile(
    rf"(?i)(?<!\w)(?:under|below|less than|unter|weniger als|moins de|menos de|meno di|onder|<) ?{_AMOUNT}(?!\w)"
)
_OVER = re.compile(
    r"(?i)(?<!\w)(?:over|above|more than|über|mehr als|plus de|más de|oltre|più di|boven|meer dan|>)"
    rf" ?{_AMOUNT}(?!\w)"
)
_FROM = re.compile(
    rf"(?i)(?<!\w)(?:from|at least|min\.?|ab|mindestens|à partir de|dès|desde|da|vanaf|≥|>=) ?{_AMOUNT}(?!\w)"
)
_AND_MORE = re.compile(
    rf"(?i){_LETTER}(?:{_BEFORE})?{_AMOUNT}\s?(?:\+|(?:and|or|und|oder|et|ou|y|o|e|en|of)"
    r" (?:more|over|above|older|longer|mehr|älter|länger|plus|más|più|meer|ouder)(?!\w))"
)
_CAPACITY = frozenset(
    tokens(
        "beds berths sleeps capacity seats places betten schlafplätze sitzplätze plätze kapazität couchages capacité"
        " plazas camas capacidad posti letti capienza bedden slaapplaatsen zitplaatsen plaatsen"
    )
)
"""Names of columns whose number is that of the people who find room."""
_NAMES: dict[str, str] = {
    "person": f"persons people guests personen personnes personas persone {' '.join(_CAPACITY)}",
    "piece": "pieces quantity qty copies menge stückzahl anzahl stück quantité pièces cantidad piezas quantità aantal",
    "year": "age ages alter âge edad età leeftijd years",
    "kg": "weight gewicht poids peso kg",
    "km": "distance entfernung km",
}
_AGED = re.compile(
    r"(?i)\b(?:child|children|kids?|youths?|juniors?|adults?|seniors?|pensioners?|kind|kinder|jugendliche|erwachsene"
    r"|senioren|enfants?|jeunes|adultes?|niños?|jóvenes|adultos|bambini|ragazzi|adulti|kinderen|jongeren|volwassenen)\b"
)
"""People of an age, of whom a range without a unit tells the years."""
_KIND_OF_NAME = {name: kind for kind, names in _NAMES.items() for name in names.split()}
_WORDS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen", \
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf", \
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze"  # fmt: skip
_DIGITS = {word: str(number) for line in _WORDS for number, word in enumerate(line.split())} | {"eine": "1", "une": "1"}
_WORD = re.compile(r"[^\W\d_]+")
_ASKED = re.compile(rf"(?i)(?<![\w.,:/–-]){_AMOUNT}(?:[ -]old|[ -]jährig\w*)?(?![\w%]|[.,:/–-]\d)")
_ASKED_BEHIND = re.compile(rf"(?i)(?<!\w)(?:{_BEFORE})(?P<low>\d{{1,3}})(?![\w%]|[.,:/–-]\d)")
_AGE = re.compile(
    r"(?i)(?:\b(?:i am|i['’]m|is|ich bin|bin|ist|mit|at the age of) (\d{1,2})(?=\s*(?:[,.?!]|$|and|und|years?|jahre))"
    r"|\b(?:son|daughter|kid|child|boy|girl|sohn|tochter|kind|fils|fille|enfant|hijo|hija),? ?\(?(\d{1,2})\)?(?!\w))"
)
_ROOM_FOR = re.compile(
    r"(?i)\b(sleeps?|sleeping|seats?|accommodates?|holds?|fits?|room for|party of|group of) (\d{1,4})"
    r"(?=\W*(?:$|[,.?!]))"
)
_COUNTED = re.compile(
    r"(?i)(?<![\w.,:/–€$£-])(?<!\broom )(?<!\bzone )(?<!\bclass )(?<!\bweek )(?<!\bpage )(?<!\bat )(?<!\buntil )"
    r"(?<!\bby )"
    r"(?<!\bfrom )(?<!\bin )(?<!\bage )(?<!\bnumber )(?<!\bcode )(?<!\bline )(?<!\bsize )(\d{1,6})"
    rf"(?![\w%]|[.,:/–-]\d|[ -]?(?:{_UNIT}|{_SIGN}))(?=\s+[^\W\d_][^\W_]|\W*$|[,?!])"
)
"""A number of things: "40 mugs", "150 of them", "if I order 50"."""
_COMPANY = re.compile(
    r"(?i)\b(?:we are|we['’]re|there are|wir sind|nous sommes|somos|siamo) (\d{1,2})(?=\s*(?:[,.?!]|$|and|und|of us))"
    r"|\b(\d{1,2}) of us\b"
)


@dataclass(frozen=True)
class Amount:
    """An amount that a question names."""

    kind: str
    value: float
    words: tuple[str, ...]
    """The question's words for it."""


@dataclass(frozen=True)
class AmountRange:
    """Amounts from the lowest to the highest one."""

    kind: str
    low: float
    high: float
    with_low: bool = True
    with_high: bool = True

    def holds(self, amount: Amount) -> bool:
        """Return whether it has an amount in it."""
        above = amount.value >= self.low if self.with_low else amount.value > self.low
        below = amount.value <= self.high if self.with_high else amount.value < self.high
        return amount.kind == self.kind and above and below


@lru_cache(maxsize=256)
def asked_amounts(question: str) -> tuple[Amount, ...]:
    """Return the amounts in units that a question names: "7 kg", "a six year old", "for five people"."""
    question = question[:MAX_QUESTION_CHARACTERS]
    text = _WORD.sub(lambda word: _DIGITS.get(word[0].casefold(), word[0]), question)
    found: dict[tuple[str, float], Amount] = {}
    for each in _ASKED.finditer(text):
        if unit := _unit(each["sign"] or each["unit"] or ""):
            kind, factor = unit
            value = _number(each["low"]) * factor
            found.setdefault(
                (kind, value), Amount(kind, value, (*_written_words(each[0]), *_spelled(question, each["low"])))
            )
    for each in _ASKED_BEHIND.finditer(text):
        kind = "class" if each["class"] else "year"
        found.setdefault((kind, _number(each["low"])), Amount(kind, _number(each["low"]), _written_words(each[0])))
    for pattern, kind in ((_AGE, "year"), (_COMPANY, "person")):
        for each in pattern.finditer(text):
            number = next(filter(None, each.groups()))
            found.setdefault((kind, float(number)), Amount(kind, float(number), (number,)))
    for each in _ROOM_FOR.finditer(text):
        words = (*_written_words(each[0]), *_spelled(question, each[2]))
        found.setdefault(("person", float(each[2])), Amount("person", float(each[2]), words))
    counted_already = {value for _, value in found}
    for each in _COUNTED.finditer(text):
        number = float(each[1])
        # "Un" and "eine" are articles, too.
        if number > 1 and number not in counted_already:
            found.setdefault(("piece", number), Amount("piece", number, (each[1], *_spelled(question, each[1]))))
    return tuple(found.values())


@lru_cache(maxsize=4_096)
def amount_ranges(text: str, name: str = "") -> tuple[AmountRange, ...]:
    """Return the ranges of amounts of a cell; `name`: of its column, which may tell the unit.

    A bare number below `Beds` or `Capacity` is a range up to it.
    """
    return tuple(_ranges(text, name))


def _ranges(text: str, name: str) -> Iterator[AmountRange]:
    if not any(map(str.isdigit, text)):
        return
    by_name = next((_KIND_OF_NAME[word] for word in tokens(name) if word in _KIND_OF_NAME), "")
    by_name = by_name or ("year" if _AGED.search(text) else "")
    if text.strip().isdigit() and not _CAPACITY.isdisjoint(tokens(name)):
        yield AmountRange("person", -inf, _number(text.strip()))
        return
    rest = text
    for each in _BETWEEN.finditer(text):
        if unit := _unit_of(each, by_name, each["unit2"] or ""):
            kind, factor = unit
            yield AmountRange(kind, _number(each["low"]) * factor, _number(each["high"]) * factor)
        rest = rest.replace(each[0], " ")
    for pattern, low, high in ((_UP_TO, False, True), (_UNDER, False, True), (_OVER, True, False), (_FROM, True, False),
                               (_AND_MORE, True, False)):  # fmt: skip
        for each in pattern.finditer(rest):
            if unit := _unit_of(each, by_name):
                number = _number(each["low"]) * unit[1]
                yield AmountRange(
                    unit[0], number if low else -inf, number if high else inf,
                    with_low=pattern is not _OVER, with_high=pattern is not _UNDER,
                )  # fmt: skip


def _unit_of(found: re.Match[str], by_name: str, behind: str = "") -> tuple[str, float] | None:
    groups = found.groupdict()
    if groups.get("class"):
        return "class", 1.0
    if groups.get("age"):
        return "year", 1.0
    written = behind or groups.get("unit") or groups.get("sign") or ""
    return _unit(written) or ((by_name, 1.0) if by_name and not written else None)


def _unit(written: str) -> tuple[str, float] | None:
    small = " ".join(written.casefold().split())
    return ("m2", 1.0) if small.startswith(("square", "mètres carrés")) else _UNIT_OF.get(small)


def _number(text: str) -> float:
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", text):
        return float(re.sub(r"[.,]", "", text))
    return float(text.replace(",", "."))


def _written_words(text: str) -> tuple[str, ...]:
    return tuple(tokens(text))


def _spelled(question: str, number: str) -> tuple[str, ...]:
    return tuple(word for word in tokens(question) if _DIGITS.get(word) == number)
