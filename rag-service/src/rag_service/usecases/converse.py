"""Conversations: their access, their stored turns, and the cost of their answers."""

import time
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

from eventbus.publish import outbox
from service_kit.database.engine import Database
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from rag_service import events
from rag_service.domain.answering.citation import APPROVED
from rag_service.domain.errors import ConversationNotFound
from rag_service.store import conversations, documents
from rag_service.store.conversations import Turn
from rag_service.usecases.results import ChatAnswer
from rag_service.usecases.writer import PaidCall

MAX_STORED_CHARACTERS = 4_000
PRUNE_SECONDS = 3_600.0


def open_conversation(session: Session, company_id: int, owner: str, wanted: UUID | None) -> tuple[UUID, list[Turn]]:
    """Return a conversation with its latest turns, or a new one; raise ConversationNotFound.

    Another person's conversation is not found, even within the company.
    """
    with session.begin():
        if wanted is None:
            created = uuid4()
            conversations.begin(session, company_id, created, owner)
            return created, []
        if not conversations.belongs_to(session, company_id, wanted, owner):
            raise ConversationNotFound(f"there is no conversation {wanted}; leave conversation_id out to begin one")
        return wanted, conversations.latest(session, company_id, wanted)


def append_turn(
    session: Session,
    company_id: int,
    conversation: UUID,
    message: str,
    final: ChatAnswer,
    cause: Cause,
    keep: Callable[[Session, bool], None],
) -> None:
    """Store a turn, publish its cost, and store the response by `keep(session, kept)`; `kept` is false if the answer
    quotes a deleted document."""
    with session.begin():
        rests = {UUID(each.source_id) for each in final.sources if each.source_type != APPROVED}
        # Quotes of a document that was deleted meanwhile are not stored.
        kept = rests <= documents.lock_existing(session, company_id, rests)
        answer = final.answer[:MAX_STORED_CHARACTERS] if kept else ""
        turn = Turn(message[:MAX_STORED_CHARACTERS], answer, tuple(rests) if kept else ())
        conversations.append(session, company_id, conversation, turn)
        _add_usage(session, company_id, final.usages, cause)
        keep(session, kept)


def publish_usage(session: Session, company_id: int, usages: Sequence[PaidCall], cause: Cause) -> None:
    """Publish the cost of an answer, if any."""
    if not usages:
        return
    with session.begin():
        _add_usage(session, company_id, usages, cause)


def _add_usage(session: Session, company_id: int, usages: Sequence[PaidCall], cause: Cause) -> None:
    outbox.add_all(session, [events.model_used(company_id, None, used.purpose, used.usage, cause) for used in usages])


def maintenance(database: Database, days: int, *, clock: Callable[[], float] = time.monotonic) -> Callable[[], None]:
    """Return a periodic job that deletes conversations not used for `days` days, at most once per `PRUNE_SECONDS`."""
    due = clock()

    def delete_unused() -> None:
        nonlocal due
        if clock() < due:
            return
        due = clock() + PRUNE_SECONDS
        for company_id in database.companies():
            with database.session(company_id) as session, session.begin():
                conversations.delete_unused(session, company_id, days)

    return delete_unused
