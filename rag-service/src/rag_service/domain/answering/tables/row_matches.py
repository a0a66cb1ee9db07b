"""Finds the rows that hold all that a question names, each word as a value or as a column's name: "mileage transit".

The model knows rows by their features and holds such a question, which is short and names no code, for unlikely to be
answered. Where every word of it has its place in a row, nothing is left to be unsure of.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rag_service.domain.answering.answer_kind import asked_kind, asks_for_steps, names_price
from rag_service.domain.answering.language.identifiers import identifiers
from rag_service.domain.answering.language.text_features import stem, tokens
from rag_service.domain.answering.language.word_match import Words, fold
from rag_service.domain.answering.question_subject import DONE_WITH_IT, STATES, subject_words
from rag_service.domain.answering.tables.asked_cell import SAYS_NOTHING, is_of_kind
from rag_service.domain.answering.tables.asked_period import asked_period, is_a_period, is_for_period
from rag_service.domain.answering.tables.columns import cells
from rag_service.domain.answering.tables.grids import (
    HOW_MUCH,
    has_person_inside,
    has_time_at_head,
    label_of_price,
)
from rag_service.domain.answering.tables.named_columns import (
    asked_days,
    days_of,
    is_day,
    lacks_named_cell,
    named_columns,
)
from rag_service.domain.answering.tables.row_ranges import held_in_ranges, is_in_range
from rag_service.domain.answering.tables.word_places import (
    SAME_WORD,
    Place,
    is_held,
    is_of_day,
    place_of,
    with_size_codes,
)
from rag_service.domain.answering.units.assessed_passage import subject_of
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.units.fuller_units import counted_words
from rag_service.domain.answering.values import cell_kinds

PROBABILITY = 0.9
"""That such a row answers."""
MAX_EQUAL = 5
"""Rows that match all the same; more of them are not what is asked."""
MAX_UNKNOWN = 1
"""Words of a question without a place in a row that has the asked amount or day."""

_ADDRESSES = frozenset(
    fold(stem(word))
    for word in tokens(
        """\
frau herr herrn mr mrs ms miss dr prof madame monsieur mme señor señora don doña mevrouw meneer
fit fits hold holds stay stays sleep sleeps accommodate
works sits drives arbeitet arbeiten sitzt travaille trabaja werkt passen passt reach contact call
erreiche erreichen joindre kind sort type many much one each every extra additional zusätzlich supplémentaire"""
    )
)
"""Words that name neither a thing nor a column."""
_DAY_PARTS = frozenset(
    fold(stem(word))
    for word in tokens(
        "morning afternoon evening night noon late early vormittag nachmittag abend abends früh spät matin soir"
        " après-midi mañana tarde noche ochtend middag avond"
    )
)
"""They ask about a part of what a row's hours tell."""
_SHIFTS = frozenset(
    fold(stem(word)) for word in tokens("shift duty works working schicht dienst frei equipe turno servicio off free")
)
"""Words for what a rota tells of a day."""
_LISTS = re.compile(
    r"(?i)^\W*(?:which|welche[rsn]?|quel(?:le)?s|cuáles|qué)\b.{1,60}\b(?:are|is|have|has|sind|ist|haben|hat|sont|ont|son"
    r"|están|tienen)\b"
)
"""A question for the rows that have a value: "Which cars are electric?"."""
_ACRONYM = re.compile(r"(?<![\w-])[A-Z]{2,5}(?![\w-])")
_PEOPLE = re.compile(
    r"(?i)\bhow many (?:can|could|may) (?:stay|sleep|sit|fit)\b"
    r"|\b(?:people|persons?|guests|personen|leute|personnes|personas|mensen)\b"
)
_PRICE = re.compile(
    r"(?i)[+–-]?\s?(?:[€$£]|[a-z]{2,3}\b)?\s?\d{1,6}(?:[.,]\d{2}|[.,][–-]{1,2})?\s?(?:[€$£]|[a-z]{2,3}\.?)?"
)
_LIMIT = re.compile(r"(?i)(?<!\d )\b(?:min|max)(?:[._] ?[^\W\d_]|im)|mindest|höchst|mínim|máxim|massim|\blimit")
"""In a column's name or in a row's: its values are limits. Bare `min` stands for minutes."""
_SIZES = Words(
    "seats sleeps beds berths capacity places people persons sitzplätze plätze personen kapazität capacité plazas"
)
_KIND_OF = re.compile(r"(?i)\b(?:(?:what|which) (?:kind|sort|type) of|was für|quel type d|qué tipo de|welk soort)\b")
_KINDS = Words(
    "type kind model category device product article description typ art modell gerät type modèle tipo modelo"
)


def with_matched_rows(question: str, found: Sequence[FoundUnit]) -> list[FoundUnit]:
    """Return the units, likeliest first, with the matched rows as likely as they are."""
    asked = subject_words(with_size_codes(question))
    rows = [each for each in found if asked and each.unit.unit.kind == "row"]
    matched = [
        each
        for each in rows
        if each.unit.named and (_matches(question, asked, each) or _is_priced_line(question, asked, each))
    ]
    if not matched and not (identifiers(question).codes or identifiers(question).names):
        # A row in another language than the question has its words only as what they are there.
        others = [each for each in rows if _is_foreign_match(question, asked, each)]
        matched = others if len({each.core.shown for each in others}) == 1 else []
    if not matched or len({each.core.shown for each in matched}) > MAX_EQUAL:
        return list(found)
    raised = [
        replace(each, unit=replace(each.unit, probability=max(PROBABILITY, each.probability), named=True))
        if each in matched
        else each
        for each in found
    ]
    return sorted(raised, key=lambda each: -each.probability)


def _is_foreign_match(question: str, asked: Sequence[str], found: FoundUnit) -> bool:
    lacks = lacks_named_cell(question, found.core.shown, found.assessed.passage.text)
    return not found.unit.named and not lacks and _matches(question, asked, found)


def has_asked_day(question: str, row: str) -> bool:
    """Return whether a column of a row is for the days of the week that a question names, or a cell is on that day."""
    days = asked_days(question)
    return bool(days) and any((name and days <= days_of(name)) or is_of_day(value, days) for name, value in cells(row))


def is_about_day(word: str) -> bool:
    """Return whether a word asks for what a rota tells of a day, or is a day."""
    return word in _SHIFTS or is_day(word)


def _matches(question: str, asked: Sequence[str], found: FoundUnit) -> bool:
    every = list(cells(found.core.shown))
    if sum(bool(name) for name, _ in every) < min(2, len(every)):
        return False
    passage = found.assessed.passage
    about = Words(" ".join([subject_of(passage), *passage.heading, passage.title]))
    row = Words(found.core.shown)
    if any(word.casefold() not in row.raw | about.raw and stem(word.casefold()) not in row.raw | about.raw
           for word in _ACRONYM.findall(question)):  # fmt: skip
        return False
    codes = bool(identifiers(question).codes)
    has_day = has_asked_day(question, found.core.shown)
    days = asked_days(question)
    places = {word: place_of(word, every, days) for word in asked if not (codes and any(map(str.isdigit, word)))}
    ranges = held_in_ranges(question, found.core.shown)
    if ranges.misses and asked_kind(question) != "decision":
        return False
    if settled := ranges.words | ranges.missed:
        places = {word: place for word, place in places.items() if word not in settled}
    if ranges.words:
        # "12 kg over 30 miles": one amount picks the row, the other one the column.
        places[""] = Place(ranges.values, ranges.names if not ranges.values else frozenset())
    of_day = frozenset(at for at, (name, _) in enumerate(every) if days and name and days <= days_of(name))
    period = asked_period(question) if names_price(question) or asked_kind(question) == "amount" else None
    of_period = frozenset(at for at, (name, _) in enumerate(every) if period and is_for_period(name, period))
    in_full = named_columns(question, [name for name, _ in every if name])
    by_name = frozenset(at for at, (name, _) in enumerate(every) if name in in_full)
    named = of_day.union(of_period, by_name, ranges.names, *(place.names for place in places.values()))
    own = frozenset().union(*(place.values for place in places.values() if not place.names))
    # "A 5 kg parcel to Italy": the amount says that the row is about parcels. "A trailer (class BE) by night": row and
    # column are named, and what is there is what is asked.
    at_head = has_time_at_head(question, own, named, of_day, every)
    at_head = at_head or has_person_inside(question, own, every)
    by_column = ranges.names or any(place.names and not place.values for place in places.values())
    sure = at_head or bool(ranges.values and by_column) or is_in_range(question, found.core.shown)
    sure = sure or _names_both(question, places.values(), own, every)
    spare = MAX_UNKNOWN if sure else 0
    states = STATES if of_day else frozenset()
    for word, place in places.items():
        known = place.values or place.names or is_held(about, word)
        known = known or ((has_day or ranges.values) and is_about_day(word))
        if not known and word not in SAYS_NOTHING | _ADDRESSES | _DAY_PARTS | DONE_WITH_IT | states:
            spare -= 1
    if spare < 0:
        return False
    if codes and not own:
        own = frozenset(at for at, (_, value) in enumerate(every) if cell_kinds.has_code(value))
    # "Email for invoices": the address that is asked for has that word, too.
    own = own - named or own
    if not own and (names_price(question) or (asked_kind(question) == "amount" and HOW_MUCH.search(question))):
        own = label_of_price(every, named, period)
    if not own or _is_anothers(own, named, every):
        return False
    if at_head:
        return True
    others = [at for at in range(len(every)) if at not in own]
    if _asks_price(question) and not named - own:
        # "Price rowing boat": whichever of the row's prices is meant, the row tells it.
        values = Words(" ".join(every[at][1] for at in own))
        exact = all(values.holds(word) == 1 for word, place in places.items() if word and place.values)
        return exact and any(cell_kinds.has_money(*every[at]) for at in others)
    in_range = bool(ranges.values) or ranges.misses
    return _is_asked(question, named - own, others, every, in_range=in_range)


def _names_both(question: str, places: Iterable[Place], own: frozenset[int], every: Sequence[tuple[str, str]]) -> bool:
    """Return whether a question names a row by a value, and by a word of its own a column of the asked kind."""
    columns = [place.names - own for place in places if place.names and not place.values]
    kind = asked_kind(question)
    checked = kind in ("amount", "time", "person", "contact", "place")
    if not _LIMIT.search(question) and any(_LIMIT.search(every[at][1]) for at in own):
        return False
    return bool(own) and checked and any(len(each) == 1 and is_of_kind(question, *every[min(each)]) for each in columns)


def _asks_price(question: str) -> bool:
    """Return whether a question asks for the price of a thing and nothing else: by key words, or "how much is"."""
    if asked_kind(question) in ("anything", "steps") and not asks_for_steps(question):
        return names_price(question)
    asks = HOW_MUCH.search(question) is not None and asked_kind(question) == "amount"
    return asks and not cell_kinds.asked_dimension(question) and asked_period(question) is None


def _is_priced_line(question: str, asked: Sequence[str], found: FoundUnit) -> bool:
    """Return whether a line without names of columns, such as one of a menu, has the thing whose price is asked."""
    every = list(cells(found.core.shown))
    *names, price = [value for _, value in every]
    if not names or any(name for name, _ in every) or not _PRICE.fullmatch(price.strip()):
        return False
    counted = [word for word in counted_words(question) if word not in _ADDRESSES]
    amount = asked_kind(question) == "amount" and HOW_MUCH.search(question) and not counted
    if not (amount or names_price(question)) or cell_kinds.asked_dimension(question):
        return False
    passage = found.assessed.passage
    about = Words(" ".join([*names[:-1], subject_of(passage), *passage.heading, passage.title]))
    thing, words = Words(names[-1]), [word for word in asked if word not in SAYS_NOTHING and word not in _ADDRESSES]
    held = [word for word in words if thing.holds(word) >= SAME_WORD]
    return bool(held) and all(word in held or about.holds(word) >= SAME_WORD for word in words)


def _is_anothers(own: frozenset[int], named: frozenset[int], every: Sequence[tuple[str, str]]) -> bool:
    """Return whether the row is about another person than the one whom the question names, perhaps about her deputy."""
    people = [at for at, (name, value) in enumerate(every) if name and cell_kinds.is_name(value)]
    return len(people) > 1 and own <= set(people) and people[0] not in own and not own & named


def _is_asked(
    question: str,
    named: frozenset[int],
    others: Sequence[int],
    every: Sequence[tuple[str, str]],
    *,
    in_range: bool,
) -> bool:
    """Return whether a cell beside those that name the row is what is asked.

    `in_range`: whether the row says for which amounts or days it is, and the question names one of that kind.
    """
    if _KIND_OF.search(question):
        return any(_holds_one(_KINDS, every[at][0]) for at in others)
    if any(every[at][1].strip() and at in named for at in others):
        return True
    kind = asked_kind(question)
    if (kind != "time" and _LISTS.search(question)) or (kind == "decision" and in_range):
        return True
    if kind == "decision" and asked_days(question):
        # "Are you open on Tuesday evening?": the hours of the day tell.
        return sum(cell_kinds.has_time("", every[at][1]) for at in others) == 1 and len(others) == 1
    if kind not in ("amount", "time", "person", "contact", "place"):
        return False
    if kind == "amount" and _PEOPLE.search(question):
        return any(_holds_one(_SIZES, every[at][0]) for at in others)
    fitting = [at for at in others if every[at][0] and is_of_kind(question, *every[at])]
    if kind == "time":
        # `1 day: 60` is no day.
        fitting = [at for at in fitting if cell_kinds.has_time("", every[at][1]) or not is_a_period(every[at][0])]
    if not _LIMIT.search(question):
        # How many there are does not stand in the column that says how many there must be.
        fitting = [at for at in fitting if not _LIMIT.search(every[at][0])] or fitting
    return len(fitting) == 1 or (kind == "person" and bool(fitting))


def _holds_one(words: Words, name: str) -> bool:
    return any(words.holds(fold(stem(word))) >= SAME_WORD for word in tokens(name))
