"""Read one ticket."""

from service_kit.database.engine import Database

from ticket_service.domain.errors import TicketNotFound
from ticket_service.domain.ticket import Ticket
from ticket_service.store import tickets


def read_ticket(database: Database, company_id: int, ticket_id: int, reader: str, own: str | None = None) -> Ticket:
    """Return a ticket as it is now, in one round trip; `unread` is that of the reader, as trails name it.

    Raises TicketNotFound, with `own` also for tickets of other requesters.
    """
    parameters = {"company_id": company_id, "id": ticket_id, "reader": reader}
    if own is None:
        rows = database.execute_and_commit(company_id, tickets.READ, parameters)
    else:
        rows = database.execute_and_commit(company_id, tickets.READ_OWN, {**parameters, "own": own})
    if not rows:
        raise TicketNotFound
    return tickets.from_driver(rows[0])
