"""Readers of mails that are killed at any place: each mail is published once in the end."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api, Rows
from ..mails import Sender, mail
from .mail_taker import PLACES
from .test_inbound_mails import add_mailbox, published
from .test_killed_senders import PATIENCE_SECONDS, eventually

Start = Callable[..., "subprocess.Popen[bytes]"]
MAILS = 4


@pytest.fixture
def start(made: ServiceDatabase) -> Iterator[Start]:
    """Give a function that starts a reader in a process of its own, with the place where it ends."""
    started: list[subprocess.Popen[bytes]] = []

    def run(*place: str) -> "subprocess.Popen[bytes]":
        settings = {"SMARTTICKET_ENV": "development", "DATABASE_URL": made.url, "RELAY_DATABASE_URL": made.relay_url}
        program = Path(__file__).with_name("mail_taker.py")
        started.append(subprocess.Popen([sys.executable, program, json.dumps(settings), *place]))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.parametrize("place", PLACES)
def test_a_reader_that_is_killed_loses_and_doubles_nothing(api: Api, start: Start, rows: Rows, place: str) -> None:
    sender = Sender(api, add_mailbox(api)["secret"])
    for number in range(MAILS):
        sender.generic(mail(f"mail {number}"))
    # The first one has taken all; those that were taken once are taken alone.
    for attempts in ([1] * MAILS, [1] * (MAILS - 1) + [2]):
        assert start(place).wait(PATIENCE_SECONDS) < 0
        assert published(rows) == []
        assert rows("select attempts from inbound_mails where state = 'stored' order by 1") == [(n,) for n in attempts]
        rows("update inbound_mails set claimed_until = now() returning id")
    start()
    eventually(lambda: rows("select count(*) from inbound_mails where state = 'stored'") == [(0,)])
    assert [event["text"] for event in published(rows)] == [f"mail {number}" for number in range(MAILS)]
