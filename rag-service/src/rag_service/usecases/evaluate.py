"""Evaluates retrieval on the questions that a company saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from rag_service.domain.errors import TooManyQuestions
from rag_service.domain.passage import Passage
from rag_service.domain.ranking_metrics import ndcg, recall, reciprocal_rank
from rag_service.store import questions
from rag_service.store.questions import SavedQuestion
from rag_service.usecases.retrieve import Retriever


@dataclass(frozen=True)
class Saved:
    """The ids of questions that were saved, and which of their expected results don't exist."""

    ids: list[int]
    not_found: list[str]


def save_questions(
    session: Session,
    company_id: int,
    items: Sequence[tuple[str, Sequence[str]]],
    *,
    idempotency_key: IdempotencyKey[Saved],
) -> Saved:
    """Store questions; raise TooManyQuestions, and Replayed for a repeated Idempotency-Key.

    An expected result may not exist yet: its file may be uploaded later. Until then it counts as not found.
    """
    with session.begin():
        idempotency_key.claim(session)
        if questions.count(session, company_id) + len(items) > questions.MAX_QUESTIONS:
            raise TooManyQuestions(
                f"a company has at most {questions.MAX_QUESTIONS} saved questions; delete some first"
            )
        numbers = questions.add(session, company_id, items)
        expected = [each for _, names in items for each in names]
        saved = Saved(numbers, questions.unknown(session, company_id, expected))
        idempotency_key.store(session, saved)
    return saved


def delete_questions(session: Session, company_id: int, number: int | None) -> int:
    """Delete one saved question, or all; return how many there were."""
    with session.begin():
        return questions.remove(session, company_id, number)


def evaluate(retriever: Retriever, company_id: int, saved: Sequence[SavedQuestion], k: int) -> list[dict[str, Any]]:
    """Retrieve for each question and return its recall, nDCG and reciprocal rank within the first `k`."""
    return [_metrics(each, retriever.retrieve(company_id, each.question, k), k) for each in saved]


def _metrics(saved: SavedQuestion, found: Sequence[Passage], k: int) -> dict[str, Any]:
    expected = dict.fromkeys(saved.expected, 1.0)
    ranking: list[str] = []
    for passage in found:
        names = (str(passage.chunk_id), str(passage.document_id), passage.title)
        meant = next((name for name in names if name in expected), str(passage.chunk_id))
        if meant not in ranking:  # a repeated file counts at its first position
            ranking.append(meant)
    return {
        "id": saved.id,
        "question": saved.question,
        "recall": recall(ranking, expected, k),
        "ndcg": ndcg(ranking, expected, k),
        "reciprocal_rank": reciprocal_rank(ranking, expected, k),
    }
