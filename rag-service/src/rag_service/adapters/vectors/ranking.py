"""Orders a company's passages for a question: by meaning and by words, whichever store they are in.

The stores could fuse two lists themselves, but by the lists' own distribution only: where no passage fits, the best of
them looks as good as ever. Here every candidate's cosine and BM25 are asked for, and their sum is a score that means
the same for all questions (domain/scoring.py). It takes two calls.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from rag_service.adapters.vectors import words
from rag_service.adapters.vectors.rarity import Rarities
from rag_service.adapters.vectors.words import Weights
from rag_service.domain import scoring
from rag_service.domain.languages import language_of
from rag_service.ports import Hit, Question, Vector

DIMENSIONS = 384
CANDIDATES = 50
"""Of each list. More changed no figure."""


@dataclass(frozen=True)
class Lookup:
    """One list that is asked of a store."""

    by: Vector | Weights
    limit: int
    documents: Sequence[UUID] | None = None
    """Only of these documents."""
    among: Sequence[UUID] | None = None
    """Only these chunks."""
    with_weights: bool = False
    """Whether the found chunks' words are wanted too."""


@dataclass(frozen=True)
class Found:
    """A chunk in a list; its score is a cosine, or BM25."""

    chunk_id: UUID
    score: float
    weights: Mapping[int, float] = field(default_factory=dict)


class Passages(Protocol):
    """One company's passages in a store."""

    @property
    def rarities(self) -> Rarities:
        """Return what is remembered of their words."""

    def size(self) -> int:
        """Return how many there are, roughly."""

    def look_up(self, lookups: Sequence[Lookup]) -> list[list[Found]]:
        """Return a list per lookup, best first."""


def best(question: Question, passages: Passages) -> list[Hit]:
    """Return the best passages for a question."""
    asked = words.of_question(question.text)
    lists = _lists(question, asked, max(CANDIDATES, question.limit), None)
    # How rare a word is, stores don't tell; of the passage in which it counts most it can be seen.
    known = passages.rarities.of(asked)
    unknown = [word for word in asked if word not in known]
    rarest = [Lookup(Weights([word], [1.0]), limit=1, with_weights=True) for word in unknown]
    if not lists:
        return []
    answers = passages.look_up([*lists.values(), *rarest])
    candidates = list(dict.fromkeys(found.chunk_id for each in answers[: len(lists)] for found in each))
    if not candidates:
        return []
    learnt = {
        word: each[0].score / each[0].weights[word]
        for word, each in zip(unknown, answers[len(lists) :], strict=True)
        if each and each[0].weights.get(word)
    }
    passages.rarities.learn(learnt)
    most = scoring.reachable(asked, known | learnt, passages.size(), words.STRONGEST)
    again = _lists(question, asked, len(candidates), candidates)
    scores = dict(zip(again, ({found.chunk_id: found.score for found in each}
                              for each in passages.look_up(list(again.values()))), strict=True))  # fmt: skip
    weight = scoring.weight_of_meaning(language_of(question.text))
    hits = []
    for chunk in candidates:
        cosine = scores["dense"].get(chunk) if "dense" in scores else None
        said = scores.get("words", {}).get(chunk, 0.0)
        hits.append(Hit(chunk, scoring.score(cosine, said, most, weight), cosine))
    # By id where scores are equal, so that an order doesn't depend on where a store keeps things.
    return sorted(hits, key=lambda hit: (-hit.score, hit.chunk_id))[: question.limit]


def _lists(question: Question, asked: list[int], limit: int, among: Sequence[UUID] | None) -> dict[str, Lookup]:
    lists = {}
    if question.dense is not None:
        lists["dense"] = Lookup(question.dense, limit, question.documents, among)
    if asked:
        lists["words"] = Lookup(Weights(asked, [1.0] * len(asked)), limit, question.documents, among)
    return lists


def checked(company: int) -> int:
    """Return the company; raise ValueError where there is none: nothing is asked or stored without."""
    if type(company) is not int or company <= 0:
        raise ValueError(f"vectors belong to a company, and {company!r} is none")
    return company
