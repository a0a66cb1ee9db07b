"""Replay the response to a repeated request before proofs are checked that worked only the first time."""

from typing import Any

from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session


def refuse_duplicate(session: Session, idempotency_key: IdempotencyKey[Any]) -> None:
    """Raise Replayed for a duplicate of a completed request; else claim nothing, which the effect does later."""
    if not idempotency_key.active:
        return
    with session.begin() as transaction:
        idempotency_key.claim(session)
        transaction.rollback()
