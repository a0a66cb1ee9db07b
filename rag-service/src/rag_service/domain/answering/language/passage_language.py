"""Puts passages in another language than the question's behind, unless they share a word with it.

The encoder is an English one: to a German question a French passage is as near as a German one.
"""

from collections.abc import Sequence

from rag_service.domain.answering.language.word_match import Words, asked_words
from rag_service.domain.languages import language_of
from rag_service.domain.passage import Passage

FOREIGN = 0.5
"""The factor of such a passage's score in the order."""
SAME_WORD = 0.9


def in_order_of_language(question: str, passages: Sequence[Passage]) -> list[Passage]:
    """Return the passages, best first by their scores and languages; by scores alone if the question's is unclear."""
    language, asked = language_of(question), asked_words(question)
    if language is None:
        return list(passages)
    worth = {each.chunk_id: each.score * (FOREIGN if _is_foreign(each, language, asked) else 1.0) for each in passages}
    return sorted(passages, key=lambda each: -worth[each.chunk_id])


def _is_foreign(passage: Passage, language: str, asked: Sequence[str]) -> bool:
    theirs = language_of(passage.text)
    if theirs in (None, language):
        return False
    there = Words("\n".join([passage.title, *passage.heading, passage.text]))
    return not any(there.holds(word) >= SAME_WORD for word in asked)
