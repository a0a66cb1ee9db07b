"""Tells stored questions that have only the document's subject in common with the one that is asked.

"Is there a shop in the museum?" is not "Is the museum accessible?": all questions about a museum name it, so that word
makes them look alike and says nothing.
"""

from collections import Counter
from collections.abc import Sequence

from rag_service.domain.answering.language.word_match import Words, asked_words
from rag_service.domain.answering.question_subject import subject_words
from rag_service.domain.answering.tables.asked_cell import SAYS_NOTHING
from rag_service.domain.answering.units.assessed_passage import subject_of
from rag_service.domain.answering.units.found_unit import FoundUnit

MIN_SAME = 0.75
"""The cosine from which two questions with the same subject ask the same, whatever their words; of five pairs that ask
something else it was .73 at most, of eight paraphrases in two languages .77 or more in six."""
SAME_WORD = 0.8
"""How far a text must hold a word."""
MIN_NAMING = 2
"""Stored questions of a document that have a word before it is the subject of them all."""


def with_subject_alone(question: str, found: Sequence[FoundUnit]) -> list[FoundUnit]:
    """Return the stored questions that share the document's subject with a question, and no other word.

    The answer may hold the other words, too. One that asks the same by its cosine is left out.
    """
    stored = [each for each in found if each.unit.unit.kind == "qa"]
    mine = Words(question)
    return [each for each in stored if _shares_subject_alone(question, mine, each, stored)]


def _shares_subject_alone(question: str, mine: Words, one: FoundUnit, stored: Sequence[FoundUnit]) -> bool:
    if one.unit.stored_cosine is None or one.unit.stored_cosine >= MIN_SAME:
        return False
    passage = one.assessed.passage
    about = Words(" ".join([subject_of(passage), *passage.heading, passage.title]))
    often = _often([each for each in stored if each.assessed.passage.document_id == passage.document_id])
    asked = [word for word in subject_words(question) if word not in SAYS_NOTHING]
    subject = [word for word in asked if about.holds(word) >= SAME_WORD or word in often]
    rest = [word for word in asked if word not in subject]
    core, whole = Words(one.core.shown), Words(f"{one.core.shown} {one.quoted}")
    named = [word for word in subject_words(one.core.shown) if mine.holds(word) >= SAME_WORD]
    shared = [word for word in subject if core.holds(word) >= SAME_WORD]
    others = [word for word in named if about.holds(word) < SAME_WORD and word not in often]
    return bool(rest and shared) and not others and not any(whole.holds(word) for word in rest)


def _often(stored: Sequence[FoundUnit]) -> frozenset[str]:
    """Return the words that more than half of the stored questions have."""
    words = Counter(word for each in stored for word in set(asked_words(each.core.shown)))
    return frozenset(word for word, number in words.items() if number >= max(MIN_NAMING, 1 + len(stored) // 2))
