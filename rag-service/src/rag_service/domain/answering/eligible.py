"""Keeps the units that may answer a question: those about its subject, with its figures, and of its year, week or
month."""

from collections.abc import Sequence

from rag_service.domain.answering.answer_kind import asked_kind
from rag_service.domain.answering.exclusions.asked_relation import lacks_relation
from rag_service.domain.answering.exclusions.beside_the_point import beside_the_point
from rag_service.domain.answering.exclusions.lacks_value import lacks_value
from rag_service.domain.answering.exclusions.other_columns import below_other_heads
from rag_service.domain.answering.exclusions.other_figures import with_other_figures
from rag_service.domain.answering.exclusions.other_keys import is_price_before, of_other_keys
from rag_service.domain.answering.exclusions.other_periods import is_of_another_month, speaks_of_another_period
from rag_service.domain.answering.exclusions.other_values import with_other_values
from rag_service.domain.answering.exclusions.says_nothing import says_nothing
from rag_service.domain.answering.language.word_match import Words
from rag_service.domain.answering.question_subject import subject_words
from rag_service.domain.answering.tables.columns import cells
from rag_service.domain.answering.tables.grids import asks_price, is_of_two_things
from rag_service.domain.answering.tables.named_columns import asked_days, days_in, days_of
from rag_service.domain.answering.tables.people_groups import group_of_word, is_for_others
from rag_service.domain.answering.tables.row_ranges import of_other_ranges, settled_words
from rag_service.domain.answering.tables.row_subject import about_other_things
from rag_service.domain.answering.units.assessed_passage import subject_of
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.units.fuller_units import outdone
from rag_service.domain.answering.units.keyed_line import keyed
from rag_service.domain.answering.values.deadlines import asks_deadline, has_only_beginning


def eligible(question: str, found: Sequence[FoundUnit]) -> list[FoundUnit]:
    """Return the units without those that answer nothing, those of another period, and rows about other things."""
    settled = settled_words(question, found)
    others = [
        *about_other_things(question, found, settled),
        *of_other_ranges(question, found),
        *with_other_values(question, found, settled),
        *beside_the_point(question, found),
        *of_other_keys(question, found),
    ]
    kept = [
        each
        for each in found
        if each not in others
        and not _of_another_period(question, each)
        and not says_nothing(question, each)
        and not lacks_value(question, each.quoted)
        and not is_price_before(question, each)
        and not lacks_relation(question, each)
        and not (each.unit.unit.kind == "sentence" and asks_deadline(question) and has_only_beginning(each.quoted))
    ]
    kept = [each for each in _of_asked_days(question, kept) if not _is_for_other_days(question, each)]
    # A row for another number, or with the thing below another head, shows that a row with lesser words is about
    # something else all the same.
    others = [
        *with_other_figures(question, kept),
        *below_other_heads(question, kept),
        *outdone(question, kept, settled),
        *_of_two_things(question, kept),
    ]
    return _without_other_people(question, [each for each in kept if each not in others])


def _of_two_things(question: str, found: Sequence[FoundUnit]) -> list[FoundUnit]:
    """Return the rows with a price for two things, where the question asks for that of one."""
    if not asks_price(question):
        return []
    rows = [each for each in found if each.unit.unit.kind == "row"]
    return [each for each in rows if is_of_two_things(question, list(cells(each.core.shown)))]


def _without_other_people(question: str, found: Sequence[FoundUnit]) -> list[FoundUnit]:
    """Return the units without rows for other groups of people than the question names.

    Where such a row has more of its other words, nothing is there for the named group: "sauna for children".
    """
    others = [each for each in found if each.unit.unit.kind == "row" and is_for_others(question, each.core.shown)]
    if not others:
        return list(found)
    words = [word for word in subject_words(question) if group_of_word(word) is None]
    theirs = [_words_in(words, each) for each in others]
    return [
        each
        for each in found
        if each not in others
        and not (each.unit.unit.kind == "row" and any(_words_in(words, each) < more for more in theirs))
    ]


def _words_in(words: Sequence[str], row: FoundUnit) -> frozenset[str]:
    there = Words(row.core.shown)
    return frozenset(word for word in words if there.holds(word))


def _of_asked_days(question: str, found: Sequence[FoundUnit]) -> list[FoundUnit]:
    """Return the units without rows for other days of the week, if a text of their document is for the asked ones.

    Where no text is, a row with the days says that there is nothing on the asked ones.
    """
    asked = asked_days(question)
    if not asked or asked_kind(question) == "decision":
        return list(found)
    days = [days_in(each.quoted) for each in found]
    for_asked = {each.assessed.passage.document_id for each, there in zip(found, days, strict=True) if asked <= there}
    return [
        each
        for each, there in zip(found, days, strict=True)
        if each.unit.unit.kind != "row"
        or not there
        or asked & there
        or each.assessed.passage.document_id not in for_asked
    ]


def _is_for_other_days(question: str, found: FoundUnit) -> bool:
    """Return whether a line such as `Thu–Fri: Jonas` is for other days than the question names."""
    asked, pair = asked_days(question), keyed(found.core)
    own = days_of(pair[0]) if asked and pair else set()
    return bool(own) and asked.isdisjoint(own)


def _of_another_period(question: str, found: FoundUnit) -> bool:
    if found.unit.unit.kind != "row":
        return speaks_of_another_period(question, found.quoted)
    if is_of_another_month(question, (value for _, value in cells(found.core.shown))):
        return True
    passage = found.assessed.passage
    heads = [*reversed(passage.heading), subject_of(passage), passage.title]
    return speaks_of_another_period(question, found.core.shown, heads)
