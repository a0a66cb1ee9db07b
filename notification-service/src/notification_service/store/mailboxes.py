"""Mailboxes of companies."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from notification_service.domain.mailbox import MAX_SHARED, Mailbox, MailboxExists, Provider

_COLUMNS = (
    "company_id, id, address, provider, secret_sealed, host, port, security, username, folder, is_active, version,"
    " created_at, updated_at, read_at, fault, uid_validity, last_uid"
)


def candidates(session: Session, address: str, provider: Provider) -> list[tuple[int, int]]:
    """Return company and id of the active mailboxes of an address; the session needs no company.

    Index: mailboxes_by_address.
    """
    query = text("select company_id, mailbox_id from find_mailboxes(:address, :provider, :most)")
    rows = session.execute(query, {"address": address, "provider": provider, "most": MAX_SHARED})
    return [(row.company_id, row.mailbox_id) for row in rows]


def find(session: Session, company_id: int, mailbox_id: int, *, lock: bool = False) -> Mailbox | None:
    """Return a mailbox, None without one; `lock` keeps others from changing it until the transaction ends."""
    locking = " for no key update" if lock else ""
    query = text(f"select {_COLUMNS} from mailboxes where company_id = :company and id = :id{locking}")
    return _one(session.execute(query, {"company": company_id, "id": mailbox_id}).one_or_none())


def page(session: Session, company_id: int, *, after: int, limit: int) -> list[Mailbox]:
    """Return up to `limit` mailboxes added after the mailbox `after`, in order of addition."""
    query = text(
        f"select {_COLUMNS} from mailboxes where company_id = :company and id > :after order by id limit :limit"
    )
    return [_mailbox(row) for row in session.execute(query, {"company": company_id, "after": after, "limit": limit})]


def count(session: Session, company_id: int) -> int:
    """Return how many mailboxes a company has."""
    query = text("select count(*) from mailboxes where company_id = :company")
    return int(session.execute(query, {"company": company_id}).scalar_one())


def addresses(session: Session, company_id: int) -> list[str]:
    """Return the addresses of a company's active mailboxes, the oldest first."""
    query = text("select address from mailboxes where company_id = :company and is_active order by id")
    return list(session.execute(query, {"company": company_id}).scalars())


def add(session: Session, company_id: int, values: Mapping[str, Any]) -> Mailbox:
    """Insert a mailbox and return it; raise MailboxExists."""
    statement = text(
        "insert into mailboxes (company_id, address, provider, secret_sealed, host, port, security, username,"
        " folder, is_active)"
        " values (:company, :address, :provider, :secret_sealed, :host, :port, :security, :username, :folder,"
        " :is_active)"
        f" on conflict (company_id, address) do nothing returning {_COLUMNS}"
    )
    found = _one(session.execute(statement, {"company": company_id, **values}).one_or_none())
    if found is None:
        raise MailboxExists(f"there is a mailbox {values['address']} already")
    return found


def change(session: Session, mailbox: Mailbox, values: Mapping[str, Any]) -> Mailbox:
    """Store the fields of a locked mailbox and return its next version; its reader begins at once."""
    statement = text(
        "update mailboxes set secret_sealed = :secret_sealed, host = :host, port = :port, security = :security,"
        " username = :username, folder = :folder, is_active = :is_active, version = version + 1,"
        " updated_at = clock_timestamp(),"
        " next_read_at = clock_timestamp(), fault = '',"
        # Another folder, or another server, has other mails under the same numbers.
        " uid_validity = case when (host, folder) is distinct from (:host, :folder) then null else uid_validity end,"
        " last_uid = case when (host, folder) is distinct from (:host, :folder) then null else last_uid end"
        f" where company_id = :company and id = :id returning {_COLUMNS}"
    )
    return _mailbox(session.execute(statement, {"company": mailbox.company_id, "id": mailbox.id, **values}).one())


def remove(session: Session, mailbox: Mailbox) -> None:
    """Delete a locked mailbox; its mails stay."""
    statement = text("delete from mailboxes where company_id = :company and id = :id")
    session.execute(statement, {"company": mailbox.company_id, "id": mailbox.id})


def _mailbox(row: Row[Any]) -> Mailbox:
    values = dict(row._mapping)
    values |= {"provider": Provider(values["provider"]), "secret_sealed": bytes(values["secret_sealed"])}
    return Mailbox(**values)


def _one(row: Row[Any] | None) -> Mailbox | None:
    return None if row is None else _mailbox(row)
