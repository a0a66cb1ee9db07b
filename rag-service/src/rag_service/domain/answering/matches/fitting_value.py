"""Finds the text whose value fits the question though the models hold it for unlikely.

An asked amount lies in its range ("800 pounds": "Anything above £500 …"), or it tells what few texts tell: the asked
deadline ("… by Thursday"), age ("from 16 years") or time in advance ("seven days ahead").
"""

import re
from collections.abc import Callable, Sequence

from rag_service.domain.answering.answer_kind import asked_kind, holds
from rag_service.domain.answering.language.text_features import stem
from rag_service.domain.answering.language.word_match import Words, fold
from rag_service.domain.answering.question_subject import subject_words
from rag_service.domain.answering.units.assessed_passage import subject_of
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.values.amount_ranges import Amount, amount_ranges, asked_amounts
from rag_service.domain.answering.values.deadlines import UNTIL, asks_deadline, names_deadline

MIN_LIKELY = 0.1
"""The probability from which a text is given: where it is less, another text is about the question's other words."""
MIN_OF_DEADLINE, MIN_OF_RARE, TIMES_LIKELIER = 0.15, 0.05, 1.5
"""The probability of the likeliest text from which it tells the asked deadline, and the asked age or time in advance,
which fewer texts tell; how many times likelier it is than any other text that tells one."""
SAME_WORD = 0.9
_AGE_ASKED = re.compile(
    r"(?i)\bhow old (?:must|do|does|should|have|has)\b|\b(?:what|which) age\b|\b(?:minimum age|age limit)\b"
    r"|\bwelchem alter\b|\bwie alt (?:muss|müssen|sollte)\b|\bmindestalter\b|\bquel âge\b|\bâge minimum\b|\bqué edad\b"
)
_AGE = re.compile(
    r"(?i)\bage of\b|\baged? \d|\b\d{1,2} or (?:older|over|above)\b|\byears old\b|\bunder \d{1,2}s?\b"
    r"|\b(?:from|over|ab|über|unter|dès|plus de|moins de|desde|más de|menos de) \d{1,2}½? ?"
    r"(?:years|jahren?|ans|años)\b"
)
_AHEAD_ASKED = re.compile(
    r"(?i)\bhow (?:far|long|early|many [a-z]+)\b.{0,20}?\b(?:ahead|in advance|beforehand)\b"
    r"|\bwie (?:lange|weit|viele [a-zäöü]+) (?:im voraus|vorher)\b|\bcombien de (?:temps|jours) à l['’]avance\b"
)
_AHEAD = re.compile(
    r"(?i)\b(?:hours?|days?|weeks?|months?) (?:ahead|in advance|before(?:hand)?|earlier)\b"
    r"|\b(?:stunden?|tagen?|wochen?|monaten?) (?:im voraus|vorher|vor)\b"
    r"|\b(?:heures?|jours?|semaines?|mois) (?:à l['’]avance|avant)\b"
)
_RARE = ((_AGE_ASKED, _AGE), (_AHEAD_ASKED, _AHEAD))


def with_fitting_value(question: str, found: Sequence[FoundUnit]) -> FoundUnit | None:
    """Return the text with the range in which an amount of the question lies, or with the asked deadline, age or time.

    `found`: the units that may answer, likeliest first.
    """
    texts = [each for each in found if each.unit.unit.kind in ("sentence", "qa")]
    likeliest = found[0] if found and found[0] in texts else None
    return _in_range(question, likeliest, texts) or (likeliest and _rare_value(question, likeliest, texts))


def _in_range(question: str, likeliest: FoundUnit | None, texts: Sequence[FoundUnit]) -> FoundUnit | None:
    """Return the text with such a range that has most other words of the question; without any, only the likeliest."""
    # One week or one night is how a price or a time is asked, and seldom an amount that decides.
    amounts = [each for each in asked_amounts(question) if each.value > 1]
    kind = asked_kind(question)
    fitting = [
        each
        for each in texts
        if each.probability >= MIN_LIKELY and _holds_one(each.quoted, amounts) and holds(kind, each.quoted)
    ]
    if not fitting:
        return None
    # "Pupils in Years 7 to 9" has the word of "Year 8", but that is the amount again.
    of_amounts = {fold(stem(word)) for each in amounts for word in each.words}
    others = [word for word in subject_words(question) if word not in of_amounts]
    held = [_number_of(others, each) for each in fitting]
    most = max(held)
    best = [each for each, number in zip(fitting, held, strict=True) if number == most]
    if len({each.core.shown for each in best}) != 1:
        return None
    return best[0] if most or best[0] is likeliest else None


def _holds_one(text: str, amounts: Sequence[Amount]) -> bool:
    return any(each.holds(amount) for each in amount_ranges(text) for amount in amounts)


def _number_of(words: Sequence[str], found: FoundUnit) -> int:
    there = Words(found.quoted)
    return sum(there.holds(word) >= SAME_WORD for word in words)


def _rare_value(question: str, likeliest: FoundUnit, texts: Sequence[FoundUnit]) -> FoundUnit | None:
    """Return the likeliest unit if it tells the asked deadline, age or time in advance, far before any other such.

    It has a word of the question, for an age or a time in advance perhaps in its headings.
    """
    around = Words(likeliest.quoted)
    has: Callable[[FoundUnit], bool]
    if asks_deadline(question):
        least, has = MIN_OF_DEADLINE, _has_deadline
    elif pattern := next((tells for asks, tells in _RARE if asks.search(question)), None):
        least, has = MIN_OF_RARE, _has(pattern)
        around = Words(" ".join([likeliest.core.shown, likeliest.quoted, *_heads(likeliest)]))
    else:
        return None
    about = any(around.holds(word) >= SAME_WORD for word in subject_words(UNTIL.sub(" ", question)))
    if likeliest.probability < least or not has(likeliest) or not about:
        return None
    rivals = [each for each in texts if each.quoted not in likeliest.quoted and likeliest.quoted not in each.quoted]
    nearest = max((each.probability for each in rivals if has(each)), default=0.0)
    return likeliest if likeliest.probability >= TIMES_LIKELIER * nearest else None


def _has_deadline(found: FoundUnit) -> bool:
    # "Six weeks ahead, at Christmas by the end of September" tells two.
    return names_deadline(found.quoted) and holds("time", found.quoted) and not _AHEAD.search(found.quoted)


def _has(pattern: re.Pattern[str]) -> Callable[[FoundUnit], bool]:
    return lambda found: pattern.search(found.quoted) is not None


def _heads(found: FoundUnit) -> list[str]:
    above = [each.shown for each in found.assessed.sentences[: found.unit.unit.core] if each.kind == "heading"]
    return [*above[-1:], subject_of(found.assessed.passage)]
