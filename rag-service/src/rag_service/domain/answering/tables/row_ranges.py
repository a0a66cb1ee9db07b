"""Tells rows by the range in which an amount or a day of the question lies: "7 kg" in `up to 10 kg`, "in July" in
`16 Jun – 31 Aug`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import inf

from rag_service.domain.answering.answer_kind import asked_kind
from rag_service.domain.answering.language.text_features import stem, tokens
from rag_service.domain.answering.language.word_match import Words, fold
from rag_service.domain.answering.question_subject import subject_words
from rag_service.domain.answering.tables.columns import cells
from rag_service.domain.answering.tables.people_groups import group_of
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.values.amount_ranges import amount_ranges, asked_amounts
from rag_service.domain.answering.values.calendar_days import Days, day_ranges, days_named, only_day
from rag_service.domain.terms import plainest

_FIRST_DAY = Words("from start starts begin begins first von ab beginn anfang du début desde inicio dal inizio van")
_LAST_DAY = Words("to until till end ends last bis ende au fin hasta al fine tot einde")
_RELATIVES = frozenset(
    fold(stem(word))
    for word in tokens(
        "son daughter boy girl grandson granddaughter nephew niece brother sister sohn tochter junge mädchen enkel"
        " enkelin neffe nichte bruder schwester fils fille garçon neveu nièce frère soeur hijo hija chico chica nieto"
        " nieta hermano hermana zoon dochter jongen meisje"
    )
)
"""People of whom a question tells the age."""
SAME_WORD = 0.9
"""How far a value must hold a word."""


@dataclass(frozen=True)
class Held:
    """The part of a question that a row's ranges hold."""

    values: frozenset[int]
    """Indexes of the cells whose value is such a range."""
    names: frozenset[int]
    """Indexes of the cells whose column is one."""
    words: frozenset[str]
    """The question's words for what they hold, as `word_match.asked_words` and as `identifiers` have them."""
    highest: float
    """The upper end of the narrowest range among the values."""
    missed: frozenset[str]
    """The words for what ranges of the asked kind among its values do not hold."""

    @property
    def misses(self) -> bool:
        """Return whether the row is for other amounts or days than an asked one."""
        return bool(self.missed)


NOTHING = Held(frozenset(), frozenset(), frozenset(), inf, frozenset())


@lru_cache(maxsize=4_096)
def held_in_ranges(question: str, row: str) -> Held:
    """Return what the ranges of a row hold of a question's amounts and days."""
    amounts, days = asked_amounts(question), tuple(days_named(question))
    if not amounts and not days:
        return NOTHING
    every = list(cells(row))
    # `Under 16` beside `Adults` is an age.
    of_people = "age" if any(group_of(name) is not None for name, _ in every) else ""
    values: set[int] = set()
    names: set[int] = set()
    words: set[str] = set()
    missed: set[str] = set()
    highest = inf
    for amount in amounts:
        inside = [(at, each) for at, (name, value) in enumerate(every) for each in amount_ranges(value, name)
                  if each.kind == amount.kind]  # fmt: skip
        holding = [(at, each) for at, each in inside if each.holds(amount)]
        columns = {
            at
            for at, (name, _) in enumerate(every)
            if any(each.holds(amount) for each in amount_ranges(name, of_people))
        }
        values.update(at for at, _ in holding)
        names |= columns
        highest = min([highest, *(each.high for _, each in holding)])
        if holding or columns:
            words.update(*map(_forms, amount.words))
            if amount.kind == "year":
                # "For my 13 year old son": the age tells which row is meant.
                words |= _RELATIVES.intersection(subject_words(question))
        elif inside:
            missed.update(*map(_forms, amount.words))
    for text, asked in days:
        holding_days, any_range = _holding_days(every, asked)
        columns = {at for at, (name, _) in enumerate(every) if any(_meets(each, asked) for each in day_ranges(name))}
        values |= holding_days
        names |= columns
        if holding_days or columns:
            words.update(*map(_forms, tokens(text)))
        elif any_range and asked.first == asked.last:
            missed.update(*map(_forms, tokens(text)))
    return Held(frozenset(values), frozenset(names), frozenset(words), highest, frozenset(missed))


def is_in_range(question: str, row: str) -> bool:
    """Return whether a range of a row has an asked amount or day in it, and one of its values another asked word."""
    held = held_in_ranges(question, row)
    values = Words(" ".join(value for _, value in cells(row)))
    return bool(held.words) and any(
        values.holds(word) >= SAME_WORD for word in subject_words(question) if word not in held.words
    )


def settled_words(question: str, found: Sequence[FoundUnit]) -> frozenset[str]:
    """Return the words of a question for amounts and days that the range of some row holds.

    For a question for yes or no also those that a range does not hold: then the row says no.
    """
    held = [held_in_ranges(question, each.core.shown) for each in found if each.unit.unit.kind == "row"]
    decides = asked_kind(question) == "decision"
    return frozenset().union(*(each.words | each.missed if decides else each.words for each in held))


def of_other_ranges(question: str, found: Sequence[FoundUnit]) -> list[FoundUnit]:
    """Return the rows for other amounts or days than the asked ones, and those for which a narrower range is there.

    `up to 30 kg` is not the row for "7 kg" if its table has one `up to 10 kg` with the same words of the question. A
    question for yes or no may be answered by a row that says for whom something is.
    """
    if asked_kind(question) == "decision":
        return []
    rows = [(each, held_in_ranges(question, each.core.shown)) for each in found if each.unit.unit.kind == "row"]
    others = [each for each, held in rows if held.misses]
    holding = [(each, held) for each, held in rows if held.values and held.highest < inf]
    subject = subject_words(question)
    for each, held in holding:
        mine = _words_of(subject, each, held)
        for other, theirs in holding:
            same_place = _table(other) == _table(each) and theirs.values == held.values
            if same_place and theirs.highest < held.highest and mine <= _words_of(subject, other, theirs):
                others.append(each)
                break
    return others


def _words_of(subject: Sequence[str], found: FoundUnit, held: Held) -> frozenset[str]:
    here = Words(found.core.shown)
    return frozenset(word for word in subject if word in held.words or here.holds(word))


def _table(found: FoundUnit) -> tuple[object, ...]:
    passage = found.assessed.passage
    return passage.document_id, passage.heading


def _holding_days(every: Sequence[tuple[str, str]], asked: Days) -> tuple[set[int], bool]:
    """Return the cells between whose days the asked ones lie, and whether a row has such cells."""
    holding: set[int] = set()
    found = False
    for at, days in _ranges_of_days(every):
        found = True
        if days.holds(asked.first) and days.holds(asked.last):
            holding.add(at)
    return holding, found


def _ranges_of_days(every: Sequence[tuple[str, str]]) -> Iterator[tuple[int, Days]]:
    for at, (_, value) in enumerate(every):
        for days in day_ranges(value):
            yield at, days
        if not at and (day := only_day(value)):
            yield at, Days(day, day)
    # What stands for a day begins a row: a calendar. Other days of a row are something about its thing.
    for (at, (name, value)), (_, (next_name, next_value)) in pairwise(enumerate(every)):
        first, last = only_day(value), only_day(next_value)
        if first and last and _names_one(_FIRST_DAY, name) and _names_one(_LAST_DAY, next_name):
            yield at, Days(first, last)


def _names_one(words: Words, name: str) -> bool:
    return any(words.holds(fold(stem(word))) == 1 for word in tokens(name))


def _meets(days: Days, asked: Days) -> bool:
    return days.holds(asked.first) or days.holds(asked.last)


def _forms(word: str) -> tuple[str, ...]:
    return fold(stem(word)), plainest(stem(word)), word
