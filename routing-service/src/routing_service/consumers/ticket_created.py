"""`ticket.created`: store the ticket, so that people can route it before the first prediction."""

from dataclasses import dataclass

from routing_service.domain.ticket import Given, Ticket, fill_details


@dataclass(frozen=True)
class Created:
    """The fields of `ticket.created` that this service uses."""

    ticket_id: int
    ticket_uuid: str
    category: str
    priority: str
    given_category: str | None = None
    given_priority: str | None = None
    sub_category: str | None = None
    external_ticket_id: str | None = None

    @property
    def given(self) -> Given:
        """Return what the ticket's sender gave."""
        return Given(self.given_category, self.given_priority, self.sub_category, self.external_ticket_id)


def update_ticket(ticket: Ticket, created: Created) -> Ticket:
    """Return the ticket with the values of its creation; values of later events take precedence."""
    return fill_details(
        ticket,
        ticket_uuid=created.ticket_uuid,
        category=created.category,
        priority=created.priority,
        given=created.given,
    )
