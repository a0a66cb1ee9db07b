"""Tells lines about another thing than the asked one, and prices of another thing in the sentences before it.

"Winter service: full service and cleaning. £110." is not the price of `Full service: …`; nor does "Dogs are £6. They
may not go into the breakfast room." tell the price of breakfast.
"""

from collections.abc import Sequence

from rag_service.domain.answering.answer_kind import asked_kind, holds_money
from rag_service.domain.answering.language.word_match import Words
from rag_service.domain.answering.question_subject import subject_words
from rag_service.domain.answering.units.assessed_passage import subject_of
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.units.units import key_of_line

SAME_WORD = 0.9
"""How far a key must hold a word."""


def of_other_keys(question: str, found: Sequence[FoundUnit]) -> list[FoundUnit]:
    """Return the sentences of lines that begin with another thing than one that the question names.

    Other words of the question may stand in the heading above the lines.
    """
    subject = subject_words(question)
    keyed = [(each, key_of_line(each.core, each.assessed.passage.text)) for each in found if _is_sentence(each)]
    held = [
        (each, frozenset(word for word in subject if Words(key).holds(word) >= SAME_WORD)) for each, key in keyed if key
    ]
    named: dict[object, frozenset[str]] = {}
    for each, words in held:
        above = Words(f"{' '.join(each.assessed.passage.heading)} {each.heading}")
        if words and all(word in words or above.holds(word) >= SAME_WORD for word in subject):
            place = each.assessed.passage.chunk_id
            named[place] = max(words, named.get(place, words), key=len)
    return [each for each, words in held if words < named.get(each.assessed.passage.chunk_id, frozenset())]


def is_price_before(question: str, found: FoundUnit) -> bool:
    """Return whether the words of a question for an amount stand in a text only behind its only amount of money."""
    subject = subject_words(question)
    if asked_kind(question) != "amount" or not subject or not _is_sentence(found) or len(found.sentences) < 2:
        return False
    texts = [each.shown for each in found.sentences]
    priced = [at for at, text in enumerate(texts) if holds_money(text, row=False)]
    named = [at for at, text in enumerate(texts) if any(Words(text).holds(word) >= SAME_WORD for word in subject)]
    passage = found.assessed.passage
    above = Words(" ".join([*passage.heading, subject_of(passage), passage.title, found.heading]))
    return bool(priced and named) and max(priced) < min(named) and not any(above.holds(word) for word in subject)


def _is_sentence(found: FoundUnit) -> bool:
    return found.unit.unit.kind == "sentence"
