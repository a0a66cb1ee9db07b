"""Finds the text in another language than the question's that alone is near it in meaning.

Question and text have hardly a word in common, so what the models know of words says little; the multilingual encoder's
cosines tell.
"""

from collections.abc import Sequence

from rag_service.domain.answering.answer_kind import asked_kind, asks_money, holds, holds_money
from rag_service.domain.answering.tables.named_columns import asked_days, days_in
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.units.rivals import cosine_leads, is_comparable
from rag_service.domain.languages import ENGLISH, language_of

MIN_COSINE = 0.35
"""Of a text with the question; of texts about something else it is mostly below .3."""
MIN_LEAD = 0.12
"""By how much the cosine leads that of the best rival."""
MIN_PROBABILITY = 0.25
"""That such a text answers by the models."""
MIN_LIKELY_COSINE = 0.3
"""Of a text that the models hold for likely: the asked kind of thing makes them say so, whatever it is about."""
MIN_STORED_COSINE = 0.7
"""Of a stored question in another language that asks the same; of those about something near it is mostly below .67."""
MIN_STORED_LEAD = 0.15
"""By how much it leads that of the next stored question."""


def is_foreign(question: str, found: FoundUnit) -> bool:
    """Return whether a text is in another language than the question; rows have none."""
    theirs = language_of(found.assessed.passage.text)
    return found.unit.unit.kind != "row" and theirs is not None and theirs != (language_of(question) or ENGLISH)


def is_far_in_meaning(question: str, found: FoundUnit) -> bool:
    """Return whether a text in another language is about something else; of key words nobody knows the language."""
    known = language_of(question) is not None and is_foreign(question, found) and is_comparable(found)
    asks_the_same = (found.unit.stored_cosine or 0.0) >= MIN_STORED_COSINE
    return known and not asks_the_same and (found.unit.cosine or 0.0) < MIN_LIKELY_COSINE


def near_in_meaning(question: str, found: Sequence[FoundUnit]) -> FoundUnit | None:
    """Return the text in another language that is nearest to the question, if it is near and no rival is; else None."""
    texts = [each for each in found if is_comparable(each)]
    if not texts:
        return None
    best, lead = max(zip(texts, cosine_leads(texts), strict=True), key=lambda pair: pair[0].unit.cosine or 0.0)
    near = (best.unit.cosine or 0.0) >= MIN_COSINE and lead >= MIN_LEAD and best.probability >= MIN_PROBABILITY
    of_days = asked_days(question) <= days_in(best.quoted)
    return best if near and _has_asked_kind(question, best) and of_days and is_foreign(question, best) else None


def stored_question(question: str, found: Sequence[FoundUnit]) -> FoundUnit | None:
    """Return the answer to the stored question in another language that asks the same; None if several are near."""
    stored = sorted(
        ((each.unit.stored_cosine, at) for at, each in enumerate(found) if each.unit.stored_cosine is not None),
        reverse=True,
    )
    if not stored:
        return None
    (cosine, at), *others = stored
    best = found[at]
    rival = next((other for other, place in others if found[place].quoted != best.quoted), 0.0)
    near = cosine >= MIN_STORED_COSINE and cosine - rival >= MIN_STORED_LEAD
    return best if near and _has_asked_kind(question, best) and is_foreign(question, best) else None


def _has_asked_kind(question: str, found: FoundUnit) -> bool:
    return holds(asked_kind(question), found.quoted) and (
        not asks_money(question) or holds_money(found.quoted, row=False)
    )
