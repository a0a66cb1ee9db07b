"""The replica of auth-service's people."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

_STAFF = ("agent", "manager", "admin")


def forget_addresses(session: Session, keys: Sequence[tuple[int, int]]) -> None:
    """Remove the addresses of deleted people, and whether they were present."""
    if not keys:
        return
    values = {"companies": [key[0] for key in keys], "users": [key[1] for key in keys]}
    forgotten = text("""
        with gone as (
            select u.company_id, u.user_id, lower(u.email) as email from users u
            join unnest(cast(:companies as int[]), cast(:users as bigint[])) as w (company_id, id)
                on u.company_id = w.company_id and u.user_id = w.id
            where not u.is_active
        ), absent as (
            delete from presence p using gone where p.company_id = gone.company_id and p.email = gone.email
        )
        update users u set email = '' from gone where u.company_id = gone.company_id and u.user_id = gone.user_id
    """)
    session.execute(forgotten, values)


def address_of(session: Session, company_id: int, user_id: int) -> str | None:
    """Return the address of an active person by id, None without one."""
    query = text(
        "select lower(email) from users where company_id = :company and user_id = :user and is_active and email <> ''"
    )
    return session.execute(query, {"company": company_id, "user": user_id}).scalar_one_or_none()


def works_here(session: Session, company_id: int, email: str) -> bool:
    """Return whether an address is that of an active agent, manager or admin, or of a team's member without account."""
    query = text("""
        select exists (
            select from users where company_id = :company and is_active and lower(email) = :email and role = any(:staff)
        ) or not exists (select from users where company_id = :company and lower(email) = :email) and exists (
            select from teams where company_id = :company and is_active and not gone
                and members @> jsonb_build_array(jsonb_build_object('email', cast(:email as text)))
        )
    """)
    values: dict[str, Any] = {"company": company_id, "email": email, "staff": list(_STAFF)}
    return bool(session.execute(query, values).scalar_one())
