"""Senders that are killed or suspended: no mail is sent twice, and each is shown."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from notification_service.domain.delivery import CLAIM_SECONDS
from notification_service.usecases.send_mail import give_up_lost
from service_kit.testing.postgres import ServiceDatabase

from ..auth_server import auth_server
from ..conftest import MAIL, Desk, Rows
from ..mail_server import HANG, MailServer, mail_server
from .mail_fixtures import ANN, RIA, Post, post, server, staffed

__all__ = ["post", "server", "staffed"]

STATES = "select state, tries from deliveries order by id"
PATIENCE_SECONDS = 120

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start(made: ServiceDatabase) -> Iterator[Start]:
    """Give a function that starts a sender in a process of its own."""
    started: list[subprocess.Popen[bytes]] = []

    def run(server: MailServer, **more: str) -> "subprocess.Popen[bytes]":
        settings = MAIL | {"SMTP_PORT": str(server.port), "SMARTTICKET_ENV": "development", "DATABASE_URL": made.url,
                           "RELAY_DATABASE_URL": made.relay_url, **more}  # fmt: skip
        program = Path(__file__).with_name("mail_sender.py")
        started.append(subprocess.Popen([sys.executable, program, json.dumps(settings)]))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()


def kill(process: "subprocess.Popen[bytes]") -> None:
    """End a process at once."""
    process.send_signal(signal.SIGKILL)
    process.wait()


def eventually(found: Callable[[], Any]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(("answers", "arrived"), [({"rcpt": HANG}, 0), ({"data": HANG}, 1)])
def test_a_sender_that_is_killed_between_claim_and_answer_leaves_an_unknown_mail(
    staffed: Desk, post: Post, start: Start, rows: Rows, answers: dict[str, str], arrived: int
) -> None:
    staffed.deliver(staffed.created(1, RIA))
    with mail_server(**answers) as hanging:
        process = start(hanging)
        assert hanging.hanging.wait(PATIENCE_SECONDS)
        kill(process)
        assert len(hanging.mails) == arrived
    assert rows(STATES) == [("sending", 1)]
    post.send_later(CLAIM_SECONDS - 60)
    assert give_up_lost(post.database) == 0
    post.later(120)
    assert give_up_lost(post.database) == 1
    post.send_later(86_400)
    assert rows(STATES) == [("unknown", 1)]
    assert rows("select number, outcome from delivery_tries") == [(1, "unknown")]


def test_a_sender_that_is_killed_between_the_answer_and_its_commit_does_not_send_twice(
    staffed: Desk, post: Post, start: Start, server: MailServer, made: ServiceDatabase, rows: Rows
) -> None:
    staffed.deliver(staffed.created(1, RIA))
    with mail_server(data=HANG) as hanging:
        process = start(hanging)
        assert hanging.hanging.wait(PATIENCE_SECONDS)
        with made.admin() as connection, connection.cursor() as cursor:
            cursor.execute("begin; select from deliveries for update")
            hanging.released.set()
            # The sender has its answer and waits for the row, to store it.
            eventually(lambda: rows("select from pg_stat_activity where wait_event_type = 'Lock'"
                                    " and datname = current_database()"))  # fmt: skip
            kill(process)
            cursor.execute("rollback")
        assert len(hanging.mails) == 1
    post.later(CLAIM_SECONDS + 1)
    assert give_up_lost(post.database) == 1
    post.send_later(86_400)
    assert server.mails == []
    assert rows(STATES) == [("unknown", 1)]


def test_a_sender_that_was_suspended_says_late_what_has_happened(
    staffed: Desk, post: Post, start: Start, rows: Rows
) -> None:
    staffed.deliver(staffed.created(1, RIA))
    with mail_server(data=HANG) as hanging:
        start(hanging)
        assert hanging.hanging.wait(PATIENCE_SECONDS)
        post.later(CLAIM_SECONDS + 1)
        eventually(lambda: give_up_lost(post.database) or rows(STATES) == [("unknown", 1)])
        hanging.released.set()
        eventually(lambda: rows(STATES) == [("sent", 1)])
        assert len(hanging.mails) == 1


def test_a_sender_that_is_killed_while_it_asks_for_a_link_leaves_no_mail_to_send_again(
    staffed: Desk, post: Post, start: Start, server: MailServer, rows: Rows
) -> None:
    staffed.deliver(staffed.make("user.password.reset.requested", "r", source="auth-service", user_id=ANN))
    asked, released = Event(), Event()
    with auth_server() as auth:
        auth.on_call = lambda: (asked.set(), released.wait(PATIENCE_SECONDS))
        process = start(server, AUTH_SERVICE_URL=auth.url)
        assert asked.wait(PATIENCE_SECONDS)
        assert rows(STATES) == [("sending", 1)]
        kill(process)
        released.set()
    post.later(CLAIM_SECONDS + 1)
    assert give_up_lost(post.database) == 1
    post.send_later(86_400)
    assert server.mails == []
    assert rows(STATES) == [("unknown", 1)]
