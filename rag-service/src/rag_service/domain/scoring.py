"""How well a passage fits a question, from 0 to 1, and the same from question to question.

Two things are known of a passage: the cosine of its vector with the question's, and its words' BM25. The cosine has one
scale for all questions; BM25 has none, so it is divided by what the question's words could reach at most. What is left
is the share of the question that a passage says in the question's own words. The weighted sum of the two orders the
passages and is their score, so a threshold means the same everywhere. docs/retrieval.md has the figures.

A question in other words than the passages' gets a small share everywhere, and meaning decides by itself; that is why
no rule about kinds of questions is needed.
"""

import math
from collections.abc import Mapping, Sequence

from rag_service.domain.languages import ENGLISH

COSINE_WEIGHT = 0.58
"""The weight of the cosine, the rest is the words'."""
COSINE_WEIGHT_OTHER_LANGUAGES = 0.3
"""The same in languages that the encoder hardly knows (it is an English one)."""


def cosine_weight(language: str | None) -> float:
    """Return how much the cosine counts for a question in this language; None is a language that doesn't show."""
    return COSINE_WEIGHT if language in (None, ENGLISH) else COSINE_WEIGHT_OTHER_LANGUAGES


def idf_of_unseen_term(passages: int) -> float:
    """Return how rare a word is that none of so many passages has, on BM25's scale."""
    return math.log(1 + (passages + 0.5) / 0.5)


def max_bm25(words: Sequence[int], rarity: Mapping[int, float], passages: int, strongest: float) -> float:
    """Return the BM25 of a passage that would consist of the question's words alone.

    Words that no passage has count too, and as the rarest: a question of which half is unknown is half answered at
    best. `strongest` is what one word's weight approaches.
    """
    unknown = idf_of_unseen_term(passages)
    return strongest * sum(rarity.get(word, unknown) for word in words)


def score(cosine: float | None, words: float, most: float, weight: float) -> float:
    """Return how well a passage fits.

    `words` is its BM25 and `most` what was `max_bm25`; 0 where the question has no words that count, and then meaning
    decides alone. Without a cosine the words do.
    """
    said = min(1.0, max(0.0, words / most)) if most > 0 else None
    meant = None if cosine is None else min(1.0, max(0.0, cosine))
    if meant is None or said is None:
        return meant or said or 0.0
    return weight * meant + (1 - weight) * said
