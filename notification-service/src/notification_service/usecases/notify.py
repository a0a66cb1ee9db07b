"""Notify people of what events report, in the transaction of the batch."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from notification_service.domain.audience import Audience
from notification_service.domain.changes import of_notification
from notification_service.domain.delivery import MessageIds, due_at
from notification_service.domain.notification import AddedNotification, NewNotification
from notification_service.domain.preferences import Channel, preferences_of
from notification_service.domain.storm import StormLimit, divided, gathered, key_of
from notification_service.store import deliveries, live_events, notifications, people
from notification_service.store.deliveries import NewDelivery


@dataclass(frozen=True)
class Occasion:
    """An event about a ticket, or a program's message about none, and who is notified of it."""

    company_id: int
    ticket_id: int | None
    cause: str
    audience: Audience
    facts: Mapping[str, Any] = field(default_factory=dict)
    sender: str | None = None
    suppressed: str = ""
    """Why no mail of it is sent, '' where mails may be."""


def notify(
    session: Session, occasions: Sequence[Occasion], message_ids: MessageIds | None, storm: StormLimit | None = None
) -> list[AddedNotification]:
    """Store the notifications that people want, queue their mails and return those that were not there before.

    Who wants one by no channel gets none. Beyond `storm`, those of one kind become one with a count for each person.

    Without `message_ids` there is no mail server, and no mail is queued.
    """
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
    new: list[NewNotification] = []
    for each in occasions:
        for user_id, kind in each.audience.items():
            wishes = preferences.get((each.company_id, user_id), defaults)
            is_shown = wishes.wants(kind, Channel.IN_APP)
            is_mailed = message_ids is not None and wishes.wants(kind, Channel.EMAIL)
            if is_shown or is_mailed:
                new.append(
                    NewNotification(
                        each.company_id,
                        user_id,
                        kind,
                        each.cause,
                        each.ticket_id,
                        is_shown,
                        is_mailed,
                        each.facts,
                        each.sender,
                    )
                )
    further: list[NewNotification] = []
    end: datetime | None = None
    if storm is not None and new:
        lately = notifications.lately(session, {key_of(each) for each in new}, storm)
        new, beyond = divided(new, lately, storm.most)
        if beyond:
            cause, end = storm.interval_of(deliveries.time(session))
            further = gathered(cause, beyond)
    added = notifications.add(session, new)
    counted = notifications.add_counts(session, further)
    live_events.add(
        session,
        [
            of_notification(each.new.company_id, each.new.user_id, each.id)
            for each in added + counted
            if each.new.is_shown
        ],
    )
    if message_ids is not None:
        suppressed = {(each.company_id, each.cause): each.suppressed for each in occasions}
        _queue_mails(session, added, message_ids, suppressed=suppressed)
        _queue_mails(session, counted, message_ids, end)
    return added + counted


def _queue_mails(
    session: Session,
    added: Sequence[AddedNotification],
    message_ids: MessageIds,
    due: datetime | None = None,
    *,
    suppressed: Mapping[tuple[int, str], str] = MappingProxyType({}),
) -> None:
    """Queue the mails; one with a count is due at the end of its interval, so that it counts all."""
    mails = []
    for each in added:
        new = each.new
        if not new.is_mailed:
            continue
        # A person gets one for each kind in an interval.
        cause = new.cause if due is None else f"{new.cause}:{new.kind}"
        message_id = message_ids.of(new.company_id, cause, new.user_id)
        mails.append(
            NewDelivery(
                new.company_id,
                each.id,
                new.user_id,
                cause,
                message_id,
                due or due_at(new.kind, each.created_at),
                suppressed=suppressed.get((new.company_id, new.cause), ""),
            )
        )
    deliveries.add(session, mails)
