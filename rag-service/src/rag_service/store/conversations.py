"""Conversations of one person in one company: questions and answers, stored for follow-ups."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

MAX_CONTEXT_TURNS = 6
"""The latest turns to which a follow-up may refer."""
MAX_TURNS = 200


@dataclass(frozen=True)
class Turn:
    """A question and its answer."""

    question: str
    answer: str
    documents: tuple[UUID, ...] = ()
    """The documents that the answer quotes."""


def begin(session: Session, company_id: int, conversation: UUID, owner: str) -> None:
    """Store a new conversation."""
    session.execute(
        text("insert into conversations (company_id, id, owner) values (:company, :id, :owner)"),
        {"company": company_id, "id": conversation, "owner": owner},
    )


def belongs_to(session: Session, company_id: int, conversation: UUID, owner: str) -> bool:
    """Return whether a conversation belongs to this person."""
    query = text(
        "select exists (select from conversations where company_id = :company and id = :id and owner = :owner)"
    )
    return bool(session.execute(query, {"company": company_id, "id": conversation, "owner": owner}).scalar_one())


def latest(session: Session, company_id: int, conversation: UUID, limit: int = MAX_CONTEXT_TURNS) -> list[Turn]:
    """Return the latest turns, oldest first. Index: the primary key."""
    query = text("""
        select question, answer, documents from turns
        where company_id = :company and conversation_id = :id
        order by number desc limit :limit
    """)
    rows = session.execute(query, {"company": company_id, "id": conversation, "limit": limit}).all()
    return [Turn(row.question, row.answer, tuple(row.documents or ())) for row in reversed(rows)]


def append(session: Session, company_id: int, conversation: UUID, turn: Turn) -> None:
    """Append a turn, and delete the oldest beyond `MAX_TURNS`."""
    key = {"company": company_id, "id": conversation}
    # Locks the row, so that two concurrent answers do not get the same number.
    session.execute(
        text("update conversations set updated_at = clock_timestamp() where company_id = :company and id = :id"), key
    )
    number = session.execute(
        text("""
            insert into turns (company_id, conversation_id, number, question, answer, documents)
            select :company, :id, coalesce(max(number), 0) + 1, :question, :answer, cast(:documents as uuid[])
            from turns where company_id = :company and conversation_id = :id
            returning number
        """),
        {
            **key,
            "question": turn.question,
            "answer": turn.answer,
            "documents": [str(each) for each in turn.documents],
        },
    ).scalar_one()
    session.execute(
        text("delete from turns where company_id = :company and conversation_id = :id and number <= :last"),
        {**key, "last": number - MAX_TURNS},
    )


def delete_all(session: Session, company_id: int, *, owner: str) -> None:
    """Delete the conversations of a person. People are deleted rarely, so a company's rows are read through."""
    session.execute(
        text("delete from conversations where company_id = :company and owner = :owner"),
        {"company": company_id, "owner": owner},
    )


def delete_unused(session: Session, company_id: int, days: int) -> None:
    """Delete conversations that were not used for so many days. Index: conversations_by_time."""
    session.execute(
        text("""
            delete from conversations
            where company_id = :company and updated_at < now() - make_interval(days => :days)
        """),
        {"company": company_id, "days": days},
    )
