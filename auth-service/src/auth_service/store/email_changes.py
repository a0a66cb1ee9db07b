"""Addresses that users want to have (`email_changes`)."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from datetime import datetime, timedelta

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from auth_service.domain.email_change import EmailChange

COLUMNS = "company_id, user_id, email, email_key, old_email_key, is_mailed"


def replace(session: Session, change: EmailChange) -> None:
    """Insert a request in place of an earlier one, whose token is worthless from now on."""
    session.execute(
        text(
            f"insert into email_changes ({COLUMNS}) values (:company_id, :user_id, :email, :email_key, :old_email_key,"
            " :is_mailed)"
            " on conflict (company_id, user_id) do update set email = excluded.email, email_key = excluded.email_key,"
            " old_email_key = excluded.old_email_key, requested_at = clock_timestamp(), token_hash = null,"
            " token_expires_at = null, is_mailed = excluded.is_mailed"
        ),
        vars(change),
    )


def find(session: Session, company_id: int, user_id: int, *, within: timedelta) -> EmailChange | None:
    """Return a user's request that is not older than `within`."""
    query = text(
        f"select {COLUMNS} from email_changes where company_id = :company and user_id = :user"
        " and requested_at > clock_timestamp() - cast(:within as interval)"
    )
    values = {"company": company_id, "user": user_id, "within": within}
    return _change(session.execute(query, values).one_or_none())


def set_token(
    session: Session, change: EmailChange, token_hash: bytes, lifetime: timedelta, *, is_mailed: bool
) -> datetime:
    """Store the digest of a token in place of an earlier one; return when the token expires."""
    query = text(
        "update email_changes set token_hash = :hash, is_mailed = :is_mailed,"
        " token_expires_at = clock_timestamp() + cast(:lifetime as interval)"
        " where company_id = :company and user_id = :user returning token_expires_at"
    )
    values = {"company": change.company_id, "user": change.user_id, "hash": token_hash, "lifetime": lifetime}
    values["is_mailed"] = is_mailed
    expires_at: datetime = session.execute(query, values).scalar_one()
    return expires_at


def find_user(session: Session, token_hash: bytes) -> tuple[int, int] | None:
    """Return (company id, user id) of a token; the session needs no company."""
    query = text("select company_id, user_id from auth.find_email_change(:hash)")
    row = session.execute(query, {"hash": token_hash}).one_or_none()
    return None if row is None else (row.company_id, row.user_id)


def remove(session: Session, company_id: int, user_id: int) -> None:
    """Delete a user's request."""
    session.execute(
        text("delete from email_changes where company_id = :company and user_id = :user"),
        {"company": company_id, "user": user_id},
    )


def use(session: Session, company_id: int, user_id: int, token_hash: bytes) -> EmailChange | None:
    """Use a request up by deleting it; None where the token is used, replaced or too old."""
    query = text(
        "delete from email_changes where company_id = :company and user_id = :user and token_hash = :hash"
        f" and token_expires_at > clock_timestamp() returning {COLUMNS}"
    )
    values = {"company": company_id, "user": user_id, "hash": token_hash}
    return _change(session.execute(query, values).one_or_none())


def _change(row: Row[tuple[int, int, str, bytes, bytes, bool]] | None) -> EmailChange | None:
    if row is None:
        return None
    keys = {"email_key": bytes(row.email_key), "old_email_key": bytes(row.old_email_key)}
    return EmailChange(**{**row._mapping, **keys})
