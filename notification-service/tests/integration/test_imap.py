"""Mailboxes that are read by IMAP: every mail once, whatever is killed, and nothing changed there."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from notification_service.adapters.imap import ImapReader
from notification_service.ports import ImapServer, MailServerDown
from notification_service.usecases import read_mailbox
from notification_service.usecases.read_mailbox import MailboxTools, read_next
from notification_service.usecases.take_mail import Intake, take_next

from ..conftest import Api, Rows
from ..imap_server import ImapTestServer, imap_server
from ..mails import mail
from .test_inbound_mails import add_mailbox, published


@pytest.fixture
def server() -> Iterator[ImapTestServer]:
    """A mail server."""
    with imap_server() as served:
        yield served


@pytest.fixture
def tools(app: Flask) -> MailboxTools:
    """What the worker reads mailboxes with; without encryption, and without a pause."""
    found: MailboxTools = app.extensions["service_kit"].dependencies.mailbox_tools
    return replace(found, reader=ImapReader(5.0, (), development=True), interval_seconds=0.0)


@pytest.fixture
def mailbox(api: Api, server: ImapTestServer, tools: MailboxTools) -> dict[str, Any]:
    """A mailbox that was read once."""
    made = add_mailbox(api, provider="imap", host="127.0.0.1", port=server.port, username="desk", secret="secret",
                       security="none")  # fmt: skip
    read_next(tools)
    return made


def shown(api: Api, mailbox: dict[str, Any]) -> dict[str, Any]:
    return dict(api.get(f"/api/mailboxes/{mailbox['id']}"))


def stored(rows: Rows) -> int:
    return int(rows("select count(*) from inbound_mails")[0][0])


def test_new_mails_are_read_in_order_once_and_stay_unread_there(
    api: Api, server: ImapTestServer, tools: MailboxTools, mailbox: dict[str, Any], app: Flask, rows: Rows
) -> None:
    for number in range(3):
        server.mailbox.add(mail(f"mail {number}"))
    for _ in range(3):
        read_next(tools)
    assert server.mailbox.fetched == [1, 2, 3]
    server.mailbox.add(mail("mail 3"))
    read_next(tools)
    assert server.mailbox.fetched == [1, 2, 3, 4]
    intake: Intake = app.extensions["service_kit"].dependencies.intake
    while take_next(intake):
        pass
    assert [event["text"] for event in published(rows)] == [f"mail {number}" for number in range(4)]
    sent = " ".join(server.mailbox.commands).upper()
    assert "BODY.PEEK[]" in sent
    assert not any(word in sent for word in ("SELECT", "STORE", "EXPUNGE", "BODY[]"))
    found = shown(api, mailbox)
    assert (found["fault"], found["read_at"] is not None) == ("", True)


def test_mails_from_before_the_mailbox_was_added_stay_there(
    api: Api, server: ImapTestServer, tools: MailboxTools, rows: Rows
) -> None:
    server.mailbox.add(mail("old"))
    add_mailbox(api, provider="imap", host="127.0.0.1", port=server.port, username="desk", secret="secret",
                       security="none")  # fmt: skip
    read_next(tools)
    assert stored(rows) == 0
    server.mailbox.add(mail("new"))
    read_next(tools)
    assert stored(rows) == 1


def test_a_server_that_is_killed_and_back_loses_and_doubles_nothing(
    api: Api, server: ImapTestServer, tools: MailboxTools, mailbox: dict[str, Any], rows: Rows
) -> None:
    for number in range(6):
        server.mailbox.add(mail(f"mail {number}"))

    def die(uid: int) -> None:
        if uid == 4:
            server.mailbox.on_fetch = lambda _uid: None
            server.stop()
            raise OSError

    server.mailbox.on_fetch = die
    read_next(tools)
    assert stored(rows) == 3
    assert "lost" in shown(api, mailbox)["fault"]
    read_next(tools)
    assert "reached" in shown(api, mailbox)["fault"]
    server.start()
    read_next(tools)
    assert stored(rows) == 6
    assert shown(api, mailbox)["fault"] == ""


def test_a_reader_that_is_killed_reads_on_at_the_next_mail(
    server: ImapTestServer, tools: MailboxTools, mailbox: dict[str, Any], rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        server.mailbox.add(mail(f"mail {number}"))
    whole = read_mailbox._store

    def die(*arguments: Any) -> bool:
        if arguments[4] == 3:
            raise SystemExit
        return whole(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(read_mailbox, "_store", die)
        with pytest.raises(SystemExit):
            read_next(tools)
    assert stored(rows) == 2
    # Its lease holds others off until it ends.
    assert not read_next(tools)
    rows("update mailboxes set leased_until = now() - interval '1 second' returning id")
    read_next(tools)
    assert stored(rows) == 4
    assert server.mailbox.fetched == [1, 2, 3, 4]


def test_two_workers_read_a_mailbox_one_after_the_other(
    server: ImapTestServer, tools: MailboxTools, mailbox: dict[str, Any], rows: Rows
) -> None:
    for number in range(10):
        server.mailbox.add(mail(f"mail {number}"))
    threads = [Thread(target=read_next, args=(tools,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(server.mailbox.fetched) == list(range(1, 11))
    assert stored(rows) == 10


def test_numbers_that_begin_anew_double_nothing(
    server: ImapTestServer, tools: MailboxTools, mailbox: dict[str, Any], rows: Rows
) -> None:
    known = mail("known")
    server.mailbox.add(known)
    read_next(tools)
    server.mailbox.uid_validity = 2
    server.mailbox.mails.clear()
    long_ago = datetime.now(UTC).date() - timedelta(days=30)
    server.mailbox.add(mail("older than the mailbox"), 3, long_ago)
    server.mailbox.add(known, 5)
    server.mailbox.add(mail("new"), 6)
    read_next(tools)
    assert server.mailbox.fetched == [1, 5, 6]
    assert stored(rows) == 2


def test_a_mail_that_is_too_large_is_parked_and_the_next_one_is_read(
    api: Api, server: ImapTestServer, tools: MailboxTools, mailbox: dict[str, Any], rows: Rows
) -> None:
    server.mailbox.add(mail("x" * 5_000))
    server.mailbox.add(mail("small"))
    read_next(replace(tools, max_bytes=2_000))
    assert server.mailbox.fetched == [2]
    (parked,) = api.get("/api/inbound-mails?state=parked")["items"]
    assert "more than 2000" in parked["reason"]


def test_a_mail_that_is_too_large_is_parked_once_whatever_number_it_gets(
    api: Api, server: ImapTestServer, tools: MailboxTools, mailbox: dict[str, Any], rows: Rows
) -> None:
    large, small = mail("x" * 5_000), replace(tools, max_bytes=2_000)
    server.mailbox.add(large)
    read_next(small)
    before = rows("select id, ended_at from inbound_mails")
    server.mailbox.uid_validity = 2
    server.mailbox.mails.clear()
    server.mailbox.add(large, 5)
    read_next(small)
    assert rows("select id, ended_at from inbound_mails") == before
    server.mailbox.add(mail("y" * 5_000), 6)
    read_next(small)
    assert len(api.get("/api/inbound-mails?state=parked")["items"]) == 2


def test_a_mail_that_is_deleted_meanwhile_is_passed_over(
    server: ImapTestServer, tools: MailboxTools, mailbox: dict[str, Any], rows: Rows
) -> None:
    server.mailbox.add(mail("one"))
    server.mailbox.add(mail("two"))
    server.mailbox.on_fetch = lambda uid: (server.mailbox.mails.pop(2, None), None)[1]
    read_next(tools)
    assert stored(rows) == 1


@pytest.mark.parametrize(
    ("changes", "reason"), [({"secret": "wrong"}, "password"), ({"folder": "Elsewhere"}, "folder")]
)
def test_what_is_wrong_with_a_mailbox_is_shown(
    api: Api, server: ImapTestServer, tools: MailboxTools, mailbox: dict[str, Any], changes: dict[str, str], reason: str
) -> None:
    api.call("PATCH", f"/api/mailboxes/{mailbox['id']}", changes)
    read_next(tools)
    assert reason in shown(api, mailbox)["fault"]


def test_one_mailbox_that_fails_stops_no_other(
    api: Api, server: ImapTestServer, tools: MailboxTools, mailbox: dict[str, Any], rows: Rows
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        add_mailbox(
            api,
            address="other@company.example",
            provider="imap",
            host="127.0.0.1",
            port=port,
            username="x",
            secret="y",
            security="none",
        )
    server.mailbox.add(mail())
    for _ in range(3):
        read_next(tools)
    assert stored(rows) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "0.0.0.0"])
def test_private_addresses_are_refused_in_production(host: str) -> None:
    reader = ImapReader(1.0, (), development=False)
    with pytest.raises(MailServerDown, match="private address"), reader.open(ImapServer(host, 143, "a", "b")):
        pass
