"""Finds the text whose value fits the question though the models hold it for unlikely: an asked amount lies in its
range ("800 pounds": "Anything above £500 …"), or it tells the asked deadline ("… by Thursday")."""

from collections.abc import Sequence

from rag_service.domain.answering.answer_kind import asked_kind, holds
from rag_service.domain.answering.language.text_features import stem
from rag_service.domain.answering.language.word_match import Words, fold
from rag_service.domain.answering.question_subject import subject_words
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.values.amount_ranges import Amount, amount_ranges, asked_amounts
from rag_service.domain.answering.values.deadlines import UNTIL, asks_deadline, names_deadline

MIN_LIKELY = 0.1
"""The probability of a text that is given though it has no other word of the question."""
MIN_OF_DEADLINE, TIMES_LIKELIER = 0.15, 1.5
"""The probability of the likeliest text from which it tells the asked deadline, and how many times likelier it is than
any other text with a deadline."""
SAME_WORD = 0.9


def with_fitting_value(question: str, found: Sequence[FoundUnit]) -> FoundUnit | None:
    """Return the text with the range in which an amount of the question lies, or with the deadline that is asked.

    `found`: the units that may answer, likeliest first.
    """
    texts = [each for each in found if each.unit.unit.kind in ("sentence", "qa")]
    likeliest = found[0] if found and found[0] in texts else None
    return _in_range(question, likeliest, texts) or (likeliest and _deadline(question, likeliest, texts))


def _in_range(question: str, likeliest: FoundUnit | None, texts: Sequence[FoundUnit]) -> FoundUnit | None:
    """Return the text with such a range that has most other words of the question; without any, only the likeliest."""
    # One week or one night is how a price or a time is asked, and seldom an amount that decides.
    amounts = [each for each in asked_amounts(question) if each.value > 1]
    kind = asked_kind(question)
    fitting = [each for each in texts if _holds_one(each.quoted, amounts) and holds(kind, each.quoted)]
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
    is_likeliest = best[0] is likeliest and best[0].probability >= MIN_LIKELY
    return best[0] if most or is_likeliest else None


def _holds_one(text: str, amounts: Sequence[Amount]) -> bool:
    return any(each.holds(amount) for each in amount_ranges(text) for amount in amounts)


def _number_of(words: Sequence[str], found: FoundUnit) -> int:
    there = Words(found.quoted)
    return sum(there.holds(word) >= SAME_WORD for word in words)


def _deadline(question: str, likeliest: FoundUnit, texts: Sequence[FoundUnit]) -> FoundUnit | None:
    """Return the likeliest unit if it tells a deadline and has a word of the question, far before any other such."""
    if not asks_deadline(question) or likeliest.probability < MIN_OF_DEADLINE:
        return None
    if not _tells_deadline(likeliest) or not _number_of(subject_words(UNTIL.sub(" ", question)), likeliest):
        return None
    rivals = [each for each in texts if each.quoted not in likeliest.quoted and likeliest.quoted not in each.quoted]
    nearest = max((each.probability for each in rivals if _tells_deadline(each)), default=0.0)
    return likeliest if likeliest.probability >= TIMES_LIKELIER * nearest else None


def _tells_deadline(found: FoundUnit) -> bool:
    return names_deadline(found.quoted) and holds("time", found.quoted)
