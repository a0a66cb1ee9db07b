"""How many mails with texts of its own a company has sent today (`own_text_mails`); a day is one of UTC."""

from sqlalchemy import text
from sqlalchemy.orm import Session

_TAKE = text("""
    insert into own_text_mails as stored (company_id, day, number)
    select cast(:company as int), cast(now() at time zone 'UTC' as date), 1 where cast(:most as int) > 0
    on conflict (company_id) do update set
        number = case when stored.day = excluded.day then stored.number + 1 else 1 end, day = excluded.day
    where stored.day <> excluded.day or stored.number < :most
    returning number
""")


def take(session: Session, company_id: int, most: int) -> bool:
    """Count one mail more where a company has sent less than `most` today; return whether it had.

    Others of the company wait until the transaction ends.
    """
    return session.execute(_TAKE, {"company": company_id, "most": most}).one_or_none() is not None


def seconds_left(session: Session) -> int:
    """Return how many seconds are left of the day, at least 1."""
    query = text("select ceil(extract(epoch from date_trunc('day', t) + interval '1 day' - t)) from"
                 " (select now() at time zone 'UTC' as t) n")  # fmt: skip
    return max(1, int(session.execute(query).scalar_one()))
