"""The mails that mail servers refused because of the address. A row counts those to the address that a person has."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

# Another address begins anew.
_COUNT = text("""
    insert into bounces as b (company_id, user_id, address, reason) values (:company, :user, lower(:address), :reason)
    on conflict (company_id, user_id) do update
        set number = case when b.address = excluded.address then b.number + 1 else 1 end,
            address = excluded.address, reason = excluded.reason, last_at = clock_timestamp()
""")
_REMOVE = text("delete from bounces where company_id = :company and user_id = :user")
# All by the primary key; a row about an address that the person has no longer says nothing.
_PAGE = text("""
    select b.user_id, b.number, b.reason, b.last_at from bounces b
    join users u on u.company_id = b.company_id and u.user_id = b.user_id and lower(u.email) = b.address
    where b.company_id = :company and b.user_id > :after and b.number >= :most
        and (cast(:user as bigint) is null or b.user_id = :user)
    order by b.user_id limit :limit
""")


def count(session: Session, company_id: int, user_id: int, address: str, reason: str) -> None:
    """Count a refused mail to a person's address."""
    session.execute(_COUNT, {"company": company_id, "user": user_id, "address": address, "reason": reason})


def remove(session: Session, company_id: int, user_id: int) -> bool:
    """Forget the refused mails to a person; return whether there were any."""
    return bool(session.execute(_REMOVE, {"company": company_id, "user": user_id}).rowcount)  # type: ignore[attr-defined]


def page(
    session: Session, company_id: int, *, user_id: int | None, most: int, after: int, limit: int
) -> Sequence[Row[Any]]:
    """Return up to `limit` people beyond one who get no mail, because at least `most` were refused."""
    values = {"company": company_id, "user": user_id, "most": most, "after": after, "limit": limit}
    return session.execute(_PAGE, values).all()
