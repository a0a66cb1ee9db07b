"""Finds the only sentence with the asked kind of value below the heading that names the thing: "How long is the
guarantee?" is answered by "We answer for our work for twelve months." below "Guarantee"."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from rag_service.domain.answering.answer_kind import asked_kind, names_price
from rag_service.domain.answering.language.text_features import COMMON
from rag_service.domain.answering.language.word_match import Words, asked_words
from rag_service.domain.answering.question_subject import subject_words, unknown
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.values.cell_kinds import (
    asked_dimension,
    has_contact,
    has_money,
    has_time,
    is_name,
    names_duration,
)

MIN_SUBJECT_WORDS = 2
"""Words of a question that a heading with further words must have."""
SAME_WORD = 0.9
"""How far a heading must hold a word."""
NAME = re.compile(r"[^\W\d_a-zäöüß][\w'’-]+(?: [^\W\d_a-zäöüß][\w'’-]+)+")
_COINS = re.compile(r"(?i)\b(?:pounds|pence|free of charge|no charge)\b")
_CHARGE = re.compile(r"(?i)\b(?:charge[sd]?|berechnet|verlangt|frais|facturée?s?|cobran?|cargo)\b")


def only_one_below_heading(question: str, found: Sequence[FoundUnit], probability: float) -> FoundUnit | None:
    """Return the only sentence with the asked kind of value below a heading that names what the question is about.

    The value is an amount of money, a duration, a time, somebody's name, or a number or address to reach somebody. The
    heading has all words of the question that any text has; if that is one word, it has no other.
    """
    passages = {each.assessed.passage.chunk_id: each.assessed for each in found}.values()
    nowhere = unknown(subject_words(question), [Words(each.shown) for one in passages for each in one.sentences])
    is_asked, subject = _asked_value(question), [word for word in subject_words(question) if word not in nowhere]
    if is_asked is None or not subject:
        return None
    mine = Words(question)
    fitting = []
    for each in found:
        heading = each.heading or " ".join(each.assessed.passage.heading[-1:])
        names, own = Words(heading), asked_words(heading)
        whole = len(subject) >= MIN_SUBJECT_WORDS or (bool(own) and all(mine.holds(word) for word in own))
        if (
            each.unit.unit.kind == "sentence"
            and whole
            and all(names.holds(word) >= SAME_WORD for word in subject)
            and is_asked(each.core.shown)
        ):
            fitting.append(each)
    if len({each.core.shown for each in fitting}) != 1:
        return None
    return replace(fitting[0], unit=replace(fitting[0].unit, probability=probability))


def _asked_value(question: str) -> Callable[[str], bool] | None:
    """Return what tells whether a sentence holds the value that a question asks for; None if it asks for none."""
    kind = asked_kind(question)
    if names_price(question) or _CHARGE.search(question):
        # `Room 2.08` has two decimals, too.
        return lambda text: has_money("", text) or _COINS.search(text) is not None
    if kind == "amount" and asked_dimension(question) == "duration":
        return names_duration
    if kind == "time":
        return lambda text: has_time("", text)
    if kind == "person":
        return lambda text: any(is_name(run) and run.split()[0].casefold() not in COMMON for run in NAME.findall(text))
    return (lambda text: has_contact("", text)) if kind == "contact" else None
