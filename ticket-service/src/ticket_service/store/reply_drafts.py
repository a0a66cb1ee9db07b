"""The drafts of replies. Every query names the author: nobody reads the drafts of others."""

from dataclasses import dataclass

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from ticket_service.domain.reply_draft import ReplyDraft


@dataclass(frozen=True)
class Key:
    """The company, the ticket and the author of a draft: the primary key."""

    company_id: int
    ticket_id: int
    author: str


_FIND = text("""
    select ticket_id, text, internal, updated_at from reply_drafts
    where company_id = :company_id and ticket_id = :ticket_id and author = :author
""")
_LOCK = text(f"{_FIND.text} for update")
_SAVE = text("""
    insert into reply_drafts (company_id, ticket_id, author, text, internal, updated_at)
    values (:company_id, :ticket_id, :author, :text, :internal, clock_timestamp())
    on conflict (company_id, ticket_id, author) do update
        set text = excluded.text, internal = excluded.internal, updated_at = excluded.updated_at
    returning ticket_id, text, internal, updated_at
""")
_REMOVE = text("""
    delete from reply_drafts where company_id = :company_id and ticket_id = :ticket_id and author = :author
""")
# Index: reply_drafts_of_author.
_REMOVE_ALL = text("delete from reply_drafts where company_id = :company_id and author = :author")


def find(session: Session, key: Key) -> ReplyDraft | None:
    """Return a draft, None where the author has none."""
    return _draft(session.execute(_FIND, vars(key)).one_or_none())


def lock(session: Session, key: Key) -> ReplyDraft | None:
    """Lock a draft until the transaction ends and return it, None where the author has none."""
    return _draft(session.execute(_LOCK, vars(key)).one_or_none())


def save(session: Session, key: Key, draft_text: str, *, internal: bool) -> ReplyDraft:
    """Store a draft in place of the author's earlier one and return it."""
    row = session.execute(_SAVE, {**vars(key), "text": draft_text, "internal": internal}).one()
    return ReplyDraft(*row)


def remove(session: Session, key: Key) -> None:
    """Delete a draft."""
    session.execute(_REMOVE, vars(key))


def remove_all(session: Session, company_id: int, author: str) -> None:
    """Delete all drafts of a person."""
    session.execute(_REMOVE_ALL, {"company_id": company_id, "author": author})


def _draft(row: Row[tuple[object, ...]] | None) -> ReplyDraft | None:
    return None if row is None else ReplyDraft(*row)  # type: ignore[arg-type]
