"""A company's webhook, its receiver, and who sends what is due."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from notification_service.service import SERVICE
from notification_service.store.webhook_claims import Claim
from notification_service.usecases.call_webhooks import WebhookSender
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api, Desk
from ..hook_server import Receiver, hook_server

WEBHOOKS = "/api/webhooks"
THREADS = 8
NAMES = ["ticket.created", "ticket.assigned", "sla.warning", "sla.breached", "ticket.deleted"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that takes everything."""
    with hook_server() as served:
        yield served


@dataclass
class Hooks:
    """Adds webhooks, sends what is due, and lets time pass."""

    api: Api
    sender: WebhookSender
    made: ServiceDatabase
    most_per_look: list[int] = field(default_factory=list)

    def add(self, receiver: Receiver, *events: str, company: int = 1, **more: Any) -> Any:
        """Add a webhook of all events, or of some, and return it with its secret."""
        body = {"url": receiver.url, "events": list(events) or ["*"], **more}
        added = replace(self.api, company=company).call("POST", WEBHOOKS, body)
        assert added.status_code == 201, added.text
        return added.json

    def send(self) -> int:
        """Send all that is due, as a worker does, and return how many tries it took."""
        tries = 0
        with ThreadPoolExecutor(THREADS) as pool:
            while claims := self.sender.claim(THREADS):
                self.most_per_look.append(len(claims))
                tries += len(list(pool.map(self._deliver, claims)))
        return tries

    def _deliver(self, claim: Claim) -> None:
        self.sender.store(claim, self.sender.call(claim))

    def later(self, seconds: float) -> None:
        """Let all webhooks and deliveries be so much older."""
        with self.made.admin() as connection, connection.cursor() as cursor:
            values = {"s": timedelta(seconds=seconds)}
            cursor.execute(
                "update webhook_deliveries set next_try_at = next_try_at - %(s)s, claimed_at = claimed_at - %(s)s,"
                " created_at = created_at - %(s)s",
                values,
            )
            cursor.execute(
                "update webhooks set paused_until = paused_until - %(s)s, failing_since = failing_since - %(s)s,"
                " former_secret_until = former_secret_until - %(s)s",
                values,
            )

    def send_later(self, seconds: float) -> int:
        """Let time pass and send what is due then."""
        self.later(seconds)
        return self.send()

    def shown(self, webhook: Any) -> Any:
        """Return a webhook as it is now."""
        return self.api.get(f"{WEBHOOKS}/{webhook['id']}")

    def deliveries(self, query: str = "") -> list[Any]:
        """Return the deliveries of all webhooks, the newest first."""
        return self.api.every(f"{WEBHOOKS}/deliveries{query}")


@pytest.fixture
def hooks(api: Api, desk: Desk, made: ServiceDatabase) -> Hooks:
    """Who adds webhooks and sends."""
    return Hooks(api, SERVICE.instance(desk.settings).dependencies.webhooks.sender, made)


def story(desk: Desk, ticket: int, *, company: int = 1) -> None:
    """Deliver some events about a ticket, in the order of NAMES."""
    desk.deliver(
        desk.created(ticket, company=company),
        desk.assigned(ticket, 7, company=company),
        desk.clock("sla.warning", ticket, 7, company=company),
        desk.clock("sla.breached", ticket, 7, company=company),
    )
    # A batch with the end of a ticket has none of its other events.
    desk.deliver(desk.deleted(ticket, company=company))
