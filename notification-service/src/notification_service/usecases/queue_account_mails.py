"""Queue mails about accounts, in the transaction of the batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from notification_service.domain.account_mail import AccountMail
from notification_service.domain.delivery import MessageIds
from notification_service.domain.notification import NewNotification
from notification_service.store import deliveries, notifications
from notification_service.store.deliveries import NewDelivery


@dataclass(frozen=True)
class AccountOccasion:
    """An event about an account, and the address that its mail goes to; None for the account's own."""

    company_id: int
    user_id: int
    kind: AccountMail
    cause: str
    address: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def queue_account_mails(session: Session, occasions: Sequence[AccountOccasion], message_ids: MessageIds | None) -> None:
    """Queue a mail per occasion, with a notification that the app doesn't show; none without a mail server."""
    if message_ids is None:
        return
    addresses = {(each.company_id, each.cause): each.address for each in occasions}
    new = [
        NewNotification(each.company_id, each.user_id, each.kind, each.cause, None, False, True, each.facts)
        for each in occasions
    ]
    mails = []
    for added in notifications.add(session, new):
        company_id, user_id, cause = added.new.company_id, added.new.user_id, added.new.cause
        message_id = message_ids.of(company_id, cause, user_id)
        address = addresses[company_id, cause]
        mails.append(NewDelivery(company_id, added.id, user_id, cause, message_id, added.created_at, address))
    deliveries.add(session, mails)
