"""Notify people of what events report, in the transaction of the batch."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from notification_service.domain.audience import Audience
from notification_service.domain.notification import NewNotification
from notification_service.domain.preferences import Channel, preferences_of
from notification_service.store import notifications, people


@dataclass(frozen=True)
class Occasion:
    """An event about a ticket, and who is notified of it."""

    company_id: int
    ticket_id: int
    cause: str
    audience: Audience
    facts: Mapping[str, Any] = field(default_factory=dict)


def notify(session: Session, occasions: Sequence[Occasion]) -> None:
    """Store the notifications that people want; who wants one by no channel gets none."""
    wanted: defaultdict[int, set[int]] = defaultdict(set)
    for each in occasions:
        wanted[each.company_id] |= set(each.audience)
    preferences = {
        (company_id, user_id): preferences_of(document)
        for company_id, user_ids in wanted.items()
        if user_ids
        for user_id, document in people.documents(session, company_id, user_ids).items()
    }
    defaults = preferences_of(None)
    new = [
        NewNotification(each.company_id, user_id, kind, each.cause, each.ticket_id, is_shown=True, facts=each.facts)
        for each in occasions
        for user_id, kind in each.audience.items()
        if preferences.get((each.company_id, user_id), defaults).wants(kind, Channel.IN_APP)
    ]
    notifications.add(session, new)
