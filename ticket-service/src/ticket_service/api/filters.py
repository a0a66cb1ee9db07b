"""The filters of a ticket list, from a query or from the body of a bulk change."""

from collections.abc import Mapping
from typing import Any

from ticket_service.api.visibility import reader
from ticket_service.domain.folding import search_name, search_number, search_words
from ticket_service.store.listing import Filters

MAX_SEARCH_WORDS = 10
"""Further words of a search are ignored."""


def filters_of(sent: Mapping[str, Any]) -> Filters:
    """Return the filters that a TicketFilter names; the caller is the reader."""
    return Filters(
        status=sent["status"],
        department=sent["department"],
        team=sent["team"],
        team_id=sent["team_id"],
        priority=sent["priority"],
        # Assignees are known by addresses in lower case.
        assignee=tuple(address.lower() for address in sent["assignee"]),
        customer_id=(*sent["customer_id"], *sent["customer"]),
        requester=sent["requester"],
        need_admin=sent["need_admin"],
        unread=sent["unread"],
        reader=reader(),
        words=search_words(sent["q"], MAX_SEARCH_WORDS),
        number=search_number(sent["q"]),
        name=search_name(sent["q"]),
    )
