"""Renew a person's presence at a ticket."""

from sqlalchemy.orm import Session

from ticket_service.store import ticket_presence, tickets


def renew_presence(session: Session, company_id: int, ticket_id: int, person: str, name: str, *, typing: bool) -> None:
    """Note that a person has a ticket open, and whether the person is writing; raise TicketNotFound.

    Neither the ticket's version nor its trail changes, and no event is published.
    """
    with session.begin():
        tickets.keep(session, company_id, ticket_id)
        ticket_presence.renew(session, company_id, ticket_id, person, name, typing=typing)
