"""The score of a passage for a query, from 0 to 1, comparable between queries.

A passage has two figures: its cosine with the query, and its BM25. The cosine has one scale for all queries. BM25 has
none, so it is divided by the highest BM25 that the query could reach, which leaves the share of the query that the
passage says in the query's own terms. The weighted sum of both ranks the passages, so a threshold means the same
everywhere. docs/retrieval.md has the figures.

A query in other words than the passages' gets a small lexical share everywhere, and the cosine decides. Only the
query's length changes the weights.
"""

import math
from collections.abc import Collection, Mapping

from rag_service.domain.languages import ENGLISH

COSINE_WEIGHT_SHORT, COSINE_WEIGHT_LONG = 0.7, 0.45
"""The weight of the cosine for a query of few and of many terms; BM25 has the rest. Few terms stand in many passages,
or in none, which says it in other words; many tell which passage is meant."""
SHORT_TERMS, LONG_TERMS = 4, 10
"""Up to so many terms a query is short, and from so many on long; the weight falls evenly in between."""
COSINE_WEIGHT_OTHER_LANGUAGES = 0.3
"""The weight of the cosine in other languages, because the encoder is an English one."""


def cosine_weight(language: str | None, terms: int, *, identifies: bool = False) -> float:
    """Return the weight of the cosine for a query of so many terms in this language; None for an unknown language.

    `identifies`: the query has an identifier that some passage has. An encoder hardly tells JX-017 from JX-071.
    """
    if language not in (None, ENGLISH):
        return COSINE_WEIGHT_OTHER_LANGUAGES
    if identifies:
        return COSINE_WEIGHT_LONG
    length = min(1.0, max(0.0, (terms - SHORT_TERMS) / (LONG_TERMS - SHORT_TERMS)))
    return COSINE_WEIGHT_SHORT + length * (COSINE_WEIGHT_LONG - COSINE_WEIGHT_SHORT)


def idf_of_unseen_term(passages: int) -> float:
    """Return the IDF of a term that none of so many passages has."""
    return math.log(1 + (passages + 0.5) / 0.5)


def max_bm25(
    words: Collection[int],
    rarity: Mapping[int, float],
    passages: int,
    strongest: float,
    optional: Collection[int] = (),
    *,
    is_english: bool = True,
) -> float:
    """Return the BM25 of a passage that consists of the query's terms alone.

    Terms that no passage has count too, with the highest IDF: a query of which half is unknown is half answered at
    best. `optional` terms count only if a passage has them. `strongest`: the limit of one term's weight.
    `is_english`: False where the encoder does not know the language. There a term that no passage has counts no more
    than the rarest that one has: it often is a compound of a word that is there (`Telefonnummer` for `Telefon`), which
    the cosine doesn't see, and with few passages it would outweigh all others.
    """
    unknown = idf_of_unseen_term(passages)
    if not is_english:
        unknown = min(unknown, max((rarity[word] for word in words if word in rarity), default=unknown))
    required = sum(rarity.get(word, unknown) for word in words)
    return strongest * (required + sum(rarity.get(word, 0.0) for word in optional))


def share(words: float, most: float) -> float:
    """Return the share of the query that a passage says, by its BM25 and the result of `max_bm25`."""
    return min(1.0, max(0.0, words / most)) if most > 0 else 0.0


def score(cosine: float | None, lexical: float | None, weight: float) -> float:
    """Return the score of a passage by its cosine and its share of the query's terms.

    `lexical` is None if the query has no terms, and then the cosine decides alone. Without a cosine the terms do.
    """
    semantic = None if cosine is None else min(1.0, max(0.0, cosine))
    if semantic is None or lexical is None:
        return semantic or lexical or 0.0
    return weight * semantic + (1 - weight) * lexical
