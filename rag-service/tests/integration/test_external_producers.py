"""External producers: a real Celery sender on RabbitMQ, and POST /rag/events; never lost, refused with a reason."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pika
import pytest
from celery import Celery
from eventbus.publish import outbox
from eventbus.testing.rabbitmq import temporary_vhost
from rag_service.adapters.external_queue import external_queue
from rag_service.adapters.files import ExternalFiles
from rag_service.settings import Settings
from service_kit.database.engine import Database
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import CONTRACTS, Api, Rows, World, eventually

VPN = "# VPN\n\nOpen the client and choose **Forget this connection**, then sign in again.\n"
REQUESTED = "select body::json ->> 'file_relative_path' from outbox where type = 'document.requested'"


@pytest.fixture
def broker(rabbitmq_url: str) -> Iterator[str]:
    """Give the address of a virtual host of the test's own."""
    with temporary_vhost(rabbitmq_url) as url:
        yield url


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The folder that external producers share with this service."""
    folder = tmp_path / "shared"
    folder.mkdir()
    return folder


@pytest.fixture
def listening(broker: str, base: Path, made: ServiceDatabase, read_settings: Callable[..., Settings]) -> Iterator[None]:
    """Take what comes on the queue."""
    read_settings()
    database = Database(made.url, schema="rag", relay_url=made.relay_url)
    outbox.connect(database, CONTRACTS)
    queue = external_queue(broker, "rag_events", database, ExternalFiles(str(base), max_bytes=1_000_000))
    queue.start()
    yield
    queue.stop()
    database.dispose()


@pytest.fixture
def celery(broker: str) -> Iterator[Celery]:
    """A Celery application of an external producer."""
    app = Celery("outsider", broker=broker)
    app.conf.task_ignore_result = True
    yield app
    app.close()


def test_a_real_celery_sender_is_understood(listening: None, celery: Celery, rows: Rows) -> None:
    payload = {"file_id": str(uuid4()), "company_id": 1, "file_relative_path": "manuals/vpn.md", "kind": "markdown"}
    celery.send_task("rag.process_file_uploaded", args=[payload], queue="rag_events")
    celery.send_task("rag.process_file_uploaded", kwargs={**payload, "file_relative_path": "b.md"}, queue="rag_events")
    celery.send_task("rag.process_file_deleted", args=[payload], queue="rag_events")
    ticket = {"company_id": 1, "ticket_id": 7, "title": "VPN", "description": "It asks again"}
    celery.send_task("rag.process_ticket_created", args=[ticket], queue="rag_events")
    eventually(lambda: rows("select count(*) from outbox") == [(4,)])
    assert sorted(rows(REQUESTED)) == [("b.md",), ("manuals/vpn.md",)]
    assert sorted(rows("select type from outbox")) == [
        ("document.removal.requested",), ("document.requested",), ("document.requested",), ("solution.requested",),
    ]  # fmt: skip


def test_a_rejected_message_is_dead_lettered_with_its_reason(
    listening: None, celery: Celery, broker: str, rows: Rows
) -> None:
    outside = {"file_id": str(uuid4()), "company_id": 1, "file_path": "/etc/passwd"}
    celery.send_task("rag.process_file_uploaded", args=[outside], queue="rag_events")
    celery.send_task("rag.process_nothing", args=[outside], queue="rag_events")
    found: list[tuple[str, bytes]] = []
    with pika.BlockingConnection(pika.URLParameters(broker)) as connection:
        channel = connection.channel()

        def both() -> bool:
            try:
                method, properties, body = channel.basic_get("rag_events_DLQ", auto_ack=True)
            except pika.exceptions.ChannelClosedByBroker:
                raise AssertionError("the queue for what is refused is not there") from None
            if method is not None:
                found.append((properties.headers["x-refused"], body))
            return len(found) == 2

        eventually(lambda: _exists(broker, "rag_events_DLQ"))
        eventually(both)
    assert found[0][0].startswith("file_path: ")
    assert b"/etc/passwd" in found[0][1]
    assert found[1][0].startswith("event: ")
    assert rows("select 1 from outbox") == []


def test_an_unexpected_message_delays_no_other(
    listening: None, celery: Celery, broker: str, rows: Rows, base: Path
) -> None:
    file = {"file_id": str(uuid4()), "company_id": 1, "file_relative_path": "a.md"}
    # No text of PostgreSQL's can hold such an id, and no event a file without a name.
    celery.send_task("rag.process_file_uploaded", args=[file], queue="rag_events", task_id="a\0b")
    nameless = {**file, "original_name": " "}
    celery.send_task("rag.process_file_uploaded", args=[nameless], queue="rag_events")
    (base / "circle").symlink_to("circle")
    circle = {**file, "file_relative_path": "circle/a.md"}
    celery.send_task("rag.process_file_uploaded", args=[circle], queue="rag_events")
    celery.send_task("rag.process_file_uploaded", args=[{**file, "file_relative_path": "b.md"}], queue="rag_events")
    eventually(lambda: ("b.md",) in rows(REQUESTED))
    assert ("circle/a.md",) not in rows(REQUESTED)


def test_a_file_of_an_outside_producer_is_read_and_found(
    make_world: Callable[..., World], make_api: Callable[..., Api], base: Path, rows: Rows
) -> None:
    (base / "manuals").mkdir()
    (base / "manuals" / "vpn.md").write_text(VPN)
    world, api = make_world(RAG_FILES_BASE_PATH=str(base)), make_api(RAG_FILES_BASE_PATH=str(base))
    sent = {"event": "file_uploaded", "file_id": 17, "company_id": 1, "file_path": str(base / "manuals" / "vpn.md")}
    taken = api.call("POST", "/rag/events", sent)
    assert (taken.status_code, taken.json) == (202, {"status": "accepted", "event": "file.uploaded"})
    world.announced("document.ingested")
    assert "Forget this connection" in api.found("vpn connection")[0]["text"]
    assert api.call("POST", "/rag/events", {"event": "file.deleted", "file_id": 17, "company_id": 1}).status_code == 202
    world.announced("document.deleted")
    assert api.found("vpn connection") == []
    assert rows("select body from outbox where strpos(body, 'vpn.md') > 0") == []


def test_a_file_that_is_taken_back_at_once_stays_so_until_it_is_named_again(
    make_world: Callable[..., World], make_api: Callable[..., Api], base: Path, rows: Rows
) -> None:
    (base / "vpn.md").write_text(VPN)
    api = make_api(RAG_FILES_BASE_PATH=str(base))
    upload = {"event": "file.uploaded", "file_id": 17, "company_id": 1, "file_path": "vpn.md"}
    taken_back = {"event": "file.deleted", "file_id": 17, "company_id": 1}
    for sent in (upload, taken_back, upload, taken_back):
        assert api.call("POST", "/rag/events", sent).status_code == 202
    # Reading a file takes longer than forgetting it, and goes by a queue of its own.
    world = make_world(RAG_FILES_BASE_PATH=str(base))
    world.announced("document.deleted", 2)
    read = "select count(*) from inbox where type = 'document.requested'"
    eventually(lambda: rows(read) == [(2,)])
    assert (rows("select 1 from documents"), rows("select 1 from chunks")) == ([], [])
    (base / "vpn.md").write_text("# Printer\n\nTurn it off and on again.\n")
    assert api.call("POST", "/rag/events", upload).status_code == 202
    world.announced("document.ingested")
    assert "Turn it off" in api.found("printer")[0]["text"]
    named = "select type, revision from outbox where strpos(body, 'vpn.md') > 0 order by seq"
    assert [kind for kind, _ in rows(named)] == ["document.requested", "document.ingested"], "of the last request alone"
    assert rows("select distinct version from chunks") == [(5,)]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"event": "ticket.updated", "company_id": 1}, "event"),
        ({"company_id": 1}, "event"),
        ({"event": "file.uploaded", "company_id": 1, "file_id": 1, "file_path": "../../etc/passwd"}, "file_path"),
        ({"event": "file.uploaded", "company_id": 1, "file_id": 1, "file_path": "/etc/passwd"}, "file_path"),
        ({"event": "file.uploaded", "company_id": 1, "file_id": 1, "file_path": "a.bin"}, "kind"),
        (
            {"event": "file.uploaded", "company_id": 1, "file_id": 1, "file_path": "a.md", "original_name": " "},
            "original_name",
        ),
        ({"event": "file.deleted", "company_id": 1}, "file_id"),
    ],
)
def test_a_bad_event_is_400_and_names_the_field(
    make_api: Callable[..., Api], base: Path, sent: dict[str, Any], field: str
) -> None:
    answer = make_api(RAG_FILES_BASE_PATH=str(base)).call("POST", "/rag/events", sent)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, field)


def test_another_companys_people_name_files_of_their_own_folder_alone(make_api: Callable[..., Api], base: Path) -> None:
    for folder in ("2", "1"):
        (base / folder).mkdir()
        (base / folder / "a.md").write_text(VPN)
    (base / "2" / "way-out.md").symlink_to(base / "1" / "a.md")
    own = make_api(RAG_FILES_BASE_PATH=str(base))
    other = replace(own, company=2)
    sent = {"event": "file.uploaded", "file_id": 1}
    for path in ("1/a.md", "2/../1/a.md", str(base / "1" / "a.md"), "2/way-out.md", "a.md"):
        answer = other.call("POST", "/rag/events", {**sent, "company_id": 2, "file_path": path})
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "file_path"), path
    assert other.call("POST", "/rag/events", {**sent, "company_id": 2, "file_path": "2/a.md"}).status_code == 202
    assert own.call("POST", "/rag/events", {**sent, "company_id": 1, "file_path": "2/a.md"}).status_code == 202


def test_an_event_about_another_company_is_not_found(api: Api) -> None:
    sent = {"event": "ticket.created", "company_id": 2, "ticket_id": 1, "description": "x"}
    assert api.call("POST", "/rag/events", sent).status_code == 404


def test_a_link_out_of_the_folder_is_not_followed(base: Path) -> None:
    (base / "way-out").symlink_to("/etc")
    with pytest.raises(ValueError, match="below"):
        ExternalFiles(str(base), max_bytes=10).relative("way-out/passwd")


def _exists(url: str, queue: str) -> bool:
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        try:
            connection.channel().queue_declare(queue, passive=True)
        except pika.exceptions.ChannelClosedByBroker:
            time.sleep(0.05)
            return False
        return True
