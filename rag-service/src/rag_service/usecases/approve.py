"""Approving answers, and withdrawing approvals."""

from collections.abc import Sequence

import numpy as np
from model_kit.local import LocalEncoder
from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from rag_service.domain.errors import ApprovedAnswerNotFound, TooManyApproved
from rag_service.store import approved
from rag_service.store.approved import ApprovedAnswer


def approve(
    session: Session,
    company_id: int,
    question: str,
    steps: Sequence[str],
    by: str,
    encoder: LocalEncoder | None,
    idempotency_key: IdempotencyKey[ApprovedAnswer],
) -> ApprovedAnswer:
    """Store an approved answer; raise TooManyApproved, and Replayed for a repeated Idempotency-Key."""
    vector = None if encoder is None else np.asarray(encoder.embed([question])[0], np.float16).tobytes()
    with session.begin():
        idempotency_key.claim(session)
        if approved.count(session, company_id) >= approved.MAX_ANSWERS:
            raise TooManyApproved(
                f"a company has at most {approved.MAX_ANSWERS} approved answers; take some back first"
            )
        name = None if encoder is None else encoder.name
        created = approved.add(session, company_id, question, steps, by, vector, name)
        idempotency_key.store(session, created)
    return created


def withdraw(session: Session, company_id: int, number: int) -> None:
    """Withdraw an approved answer; raise ApprovedAnswerNotFound."""
    with session.begin():
        if not approved.remove(session, company_id, number):
            raise ApprovedAnswerNotFound(f"there is no approved answer {number}; GET /rag/answers lists them")
