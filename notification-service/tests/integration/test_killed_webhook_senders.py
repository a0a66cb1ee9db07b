"""Senders of webhooks that are killed or suspended: each message arrives at least once, under one id."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from notification_service.domain.webhook_delivery import LEASE_SECONDS
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import WEBHOOKS, Desk, Rows
from ..hook_server import PATIENCE_SECONDS, Receiver
from .webhook_fixtures import Hooks, hooks, receiver

__all__ = ["hooks", "receiver"]

STATES = "select state, tries from webhook_deliveries order by id"

Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(made: ServiceDatabase) -> Iterator[Start]:
    """Give a function that starts a sender in a process of its own."""
    started: list[subprocess.Popen[bytes]] = []
    settings = {**WEBHOOKS, "SMARTTICKET_ENV": "development", "DATABASE_URL": made.url,
                "RELAY_DATABASE_URL": made.relay_url, "WEBHOOK_TIMEOUT_SECONDS": "60"}  # fmt: skip

    def run() -> "subprocess.Popen[bytes]":
        program = Path(__file__).with_name("hook_sender.py")
        started.append(subprocess.Popen([sys.executable, program, json.dumps(settings)]))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()


def eventually(found: Callable[[], Any]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_message_whose_sender_is_killed_before_the_answer_is_sent_again_under_its_id(
    hooks: Hooks, desk: Desk, receiver: Receiver, start: Start, rows: Rows
) -> None:
    receiver.hangs = True
    webhook = hooks.add(receiver)
    desk.deliver(desk.created(1), desk.clock("sla.warning", 1, 7))
    process = start()
    assert receiver.hanging.wait(PATIENCE_SECONDS)
    process.kill()
    process.wait()
    receiver.released.set()
    assert rows(STATES) == [("sending", 1), ("waiting", 0)]
    hooks.later(LEASE_SECONDS + 1)
    assert hooks.sender.give_back_lost() == 1
    assert hooks.send() == 2
    assert receiver.of_ticket(1) == ["ticket.created", "ticket.created", "sla.warning"]
    assert receiver.ids[0] == receiver.ids[1]
    assert receiver.received[1].is_signed_by(webhook["secret"])
    assert rows(STATES) == [("delivered", 2), ("delivered", 1)]
    tries = hooks.deliveries()[-1]["tries"]
    assert ["sent again" in tries[0]["reason"], tries[1]["status"]] == [True, 204]


def test_a_sender_that_renews_keeps_its_message_for_longer_than_a_lease(
    hooks: Hooks, desk: Desk, receiver: Receiver
) -> None:
    hooks.add(receiver)
    desk.deliver(desk.created(1))
    claims = hooks.sender.claim(1)
    for _ in range(2):
        hooks.later(LEASE_SECONDS - 5)
        hooks.sender.renew(claims)
    assert hooks.sender.give_back_lost() == 0
    hooks.later(LEASE_SECONDS + 1)
    assert hooks.sender.give_back_lost() == 1
    again = hooks.sender.claim(1)
    hooks.later(LEASE_SECONDS + 1)
    hooks.sender.renew(claims)  # what another one has claimed since is not kept by the former sender
    assert hooks.sender.give_back_lost() == 1
    assert [each.tries for each in claims + again] == [1, 2]


def test_the_late_answer_of_a_suspended_sender_changes_nothing(
    hooks: Hooks, desk: Desk, receiver: Receiver, start: Start, rows: Rows
) -> None:
    receiver.hangs = True
    hooks.add(receiver)
    desk.deliver(desk.created(1))
    process = start()
    assert receiver.hanging.wait(PATIENCE_SECONDS)
    process.send_signal(signal.SIGSTOP)
    hooks.later(LEASE_SECONDS + 1)
    assert hooks.sender.give_back_lost() == 1
    receiver.hangs = False
    assert hooks.send() == 1
    receiver.released.set()
    process.send_signal(signal.SIGCONT)
    eventually(lambda: rows("select count(*) from webhook_tries where status = 204") == [(2,)])
    assert rows(STATES) == [("delivered", 2)]
    assert len(set(receiver.ids)) == 1


def test_a_worker_sends_what_events_queue_and_what_fails_again(
    hooks: Hooks, desk: Desk, receiver: Receiver, start: Start, rows: Rows
) -> None:
    hooks.add(receiver)
    refused: list[str] = []

    def refuse_once(got: Any) -> int:
        if got.id in refused:
            return 204
        refused.append(got.id)
        return 500

    receiver.status = refuse_once
    start()
    desk.deliver(desk.created(1))
    eventually(lambda: rows(STATES) == [("pending", 1)])
    eventually(lambda: rows(STATES) == [("delivered", 2)])
    assert receiver.ids == 2 * refused
