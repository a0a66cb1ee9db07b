"""The mails in a row that mail servers refused because of the address, by the person whose address it is."""

from sqlalchemy import text
from sqlalchemy.orm import Session

# Another address begins anew.
_COUNT = text("""
    insert into bounces as b (company_id, user_id, address) values (:company, :user, lower(:address))
    on conflict (company_id, user_id) do update
        set number = case when b.address = excluded.address then b.number + 1 else 1 end, address = excluded.address
    returning number
""")
_REMOVE = text("delete from bounces where company_id = :company and user_id = :user")


def count(session: Session, company_id: int, user_id: int, address: str) -> int:
    """Count a refused mail to a person's address; return how many were refused in a row."""
    values = {"company": company_id, "user": user_id, "address": address}
    return int(session.execute(_COUNT, values).scalar_one())


def remove(session: Session, company_id: int, user_id: int) -> None:
    """Forget the refused mails to a person."""
    session.execute(_REMOVE, {"company": company_id, "user": user_id})
