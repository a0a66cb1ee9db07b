"""The metrics of webhooks: tries by their consequence, webhooks that were switched off, and what waits."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from notification_service.service import SERVICE
from service_kit.telemetry.metrics import Metrics
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api, Desk
from ..hook_server import Receiver
from .webhook_fixtures import WEBHOOKS, Hooks, receiver

__all__ = ["receiver"]

Values = Callable[[], dict[str, float]]


@pytest.fixture
def metrics() -> Metrics:
    """The metrics of a process that has sent nothing yet."""
    return Metrics(SERVICE.name)


@pytest.fixture
def hooks(api: Api, desk: Desk, made: ServiceDatabase, metrics: Metrics) -> Hooks:
    """A sender that counts."""
    return Hooks(api, SERVICE.instance(desk.settings, metrics).dependencies.webhooks.sender, made)


@pytest.fixture
def values(metrics: Metrics) -> Values:
    """Give a function that returns what a scrape shows of webhooks."""

    def read() -> dict[str, float]:
        lines = [line.rpartition(" ") for line in metrics.render().decode().splitlines()]
        return {name: float(value) for name, _, value in lines if name.startswith("webhook")}

    return read


def test_a_scrape_shows_tries_by_their_consequence(
    hooks: Hooks, desk: Desk, receiver: Receiver, values: Values
) -> None:
    assert values() == {
        'webhook_tries_total{result="delivered"}': 0,
        'webhook_tries_total{result="retried"}': 0,
        'webhook_tries_total{result="failed"}': 0,
        "webhooks_switched_off_total": 0,
        "webhook_messages_waiting": 0,
        "webhook_oldest_seconds": 0,
    }
    hooks.add(receiver)
    desk.deliver(desk.created(1))
    receiver.status = 500
    hooks.send()
    assert (values()['webhook_tries_total{result="retried"}'], values()["webhook_messages_waiting"]) == (1, 1)
    receiver.status = 204
    hooks.send_later(6)
    assert (values()['webhook_tries_total{result="delivered"}'], values()["webhook_messages_waiting"]) == (1, 0)


def test_a_scrape_shows_what_waits_in_all_companies_but_not_for_what_is_switched_off(
    hooks: Hooks, desk: Desk, receiver: Receiver, values: Values, api: Api
) -> None:
    webhook = hooks.add(receiver)
    hooks.add(receiver, company=2)
    desk.deliver(desk.created(1), desk.clock("sla.warning", 1, 7))
    hooks.later(timedelta(hours=1).total_seconds())
    desk.deliver(desk.created(2, company=2))
    assert values()["webhook_messages_waiting"] == 3
    assert 3600 <= values()["webhook_oldest_seconds"] < 7200
    api.call("PATCH", f"{WEBHOOKS}/{webhook['id']}", {"is_active": False})
    assert values()["webhook_messages_waiting"] == 1
    assert values()["webhook_oldest_seconds"] < 3600


def test_a_scrape_counts_a_webhook_that_is_switched_off_once(
    hooks: Hooks, desk: Desk, receiver: Receiver, values: Values
) -> None:
    hooks.add(receiver)
    receiver.status = 410
    desk.deliver(desk.created(1), desk.created(2))
    hooks.send()
    assert len(receiver.received) == 2
    assert values()["webhooks_switched_off_total"] == 1
