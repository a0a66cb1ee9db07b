"""The leases of people who have a ticket open. The database's clock decides, because replicas' clocks differ."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from ticket_service.domain.ticket_presence import LEASE_SECONDS, TYPING_SECONDS, PresentPerson

MAX_PEOPLE = 100
"""How many people a ticket shows."""

_RENEW = text(f"""
    insert into ticket_presence (company_id, ticket_id, person, name, lease_until, typing_until)
    values (:company_id, :ticket_id, :person, :name, now() + interval '{LEASE_SECONDS} s',
            case when :typing then now() + interval '{TYPING_SECONDS} s' else now() end)
    on conflict (company_id, ticket_id, person) do update
        set name = excluded.name, lease_until = excluded.lease_until, typing_until = excluded.typing_until
""")  # noqa: S608 - nothing in it comes from outside
# Index: ticket_presence_of_person. Each person removes its own, so that the table stays as small as the staff.
_REMOVE_EXPIRED = text("""
    delete from ticket_presence where company_id = :company_id and person = :person and lease_until <= now()
""")
# Index: the primary key.
_LIST = text("""
    select person, name, typing_until > now() as typing, lease_until as until from ticket_presence
    where company_id = :company_id and ticket_id = :ticket_id and lease_until > now()
    order by name, person limit :limit
""")
_REMOVE_ALL = text("delete from ticket_presence where company_id = :company_id and person = :person")


def renew(session: Session, company_id: int, ticket_id: int, person: str, name: str, *, typing: bool) -> None:
    """Renew a person's lease at a ticket, and remove the person's expired leases at others."""
    whose = {"company_id": company_id, "person": person}
    session.execute(_REMOVE_EXPIRED, whose)
    session.execute(_RENEW, {**whose, "ticket_id": ticket_id, "name": name, "typing": typing})


def at_ticket(session: Session, company_id: int, ticket_id: int) -> list[PresentPerson]:
    """Return the people who have a ticket open, by name."""
    values = {"company_id": company_id, "ticket_id": ticket_id, "limit": MAX_PEOPLE}
    return [PresentPerson(*row) for row in session.execute(_LIST, values)]


def remove_all(session: Session, company_id: int, person: str) -> None:
    """Delete all leases of a person."""
    session.execute(_REMOVE_ALL, {"company_id": company_id, "person": person})
