"""The routing history of a ticket."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

MAX_ID = 2**63 - 1

# Index: ticket_routing_of.
_PAGE = text(
    "select id, department, team_id, team, confidence_score, need_admin, decided_by, actor, reason, applied, rerouted,"
    " created_at"
    " from ticket_routing where company_id = :company and ticket_id = :ticket and id < :before"
    " order by id desc limit :limit"
)


def page(session: Session, company_id: int, ticket_id: int, before: int | None, limit: int) -> Sequence[Row[Any]]:
    """Return up to `limit` entries of a ticket's history older than entry `before`, newest first."""
    values = {"company": company_id, "ticket": ticket_id, "before": before or MAX_ID, "limit": limit}
    return session.execute(_PAGE, values).all()
