"""A small service for tests: its contracts, its handlers, and functions to inspect it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
from eventbus.bus.port import Incoming, Outgoing
from eventbus.consumer import Consumer, Subscription
from eventbus.contracts import Contracts
from eventbus.event import Event, Message
from eventbus.subscription import Delivery
from eventbus.wire import rfc3339
from eventbus.worker import Worker
from service_kit.database.engine import Database
from service_kit.service_settings import ServiceSettings
from service_kit.settings import Reader
from service_kit.telemetry.cause import Cause
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import text
from sqlalchemy.orm import Session

QUEUE = "shop.watch"
TYPES = ("thing.made", "thing.changed", "thing.ended")


def contracts_of_shop(**more: Any) -> Contracts:
    """Three event types, one of them final, one queue; `lonely.made` has no consumer."""
    topology = {
        "final": ["thing.ended"],
        "services": {
            "shop": {"publishes": [*TYPES, "lonely.made"], "queues": {"watch": list(TYPES)}},
            **more,
        },
    }
    schemas = {kind: _schema(kind) for kind in (*TYPES, "lonely.made")}
    return Contracts(topology, schemas)


def _schema(kind: str) -> dict[str, Any]:
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": f"https://example.test/events/{kind}/v1",
        "type": "object",
        "properties": {
            "event": {"const": kind},
            "event_id": {"type": "string"},
            "company_id": {"type": "integer", "minimum": 1},
            "number": {"type": "integer"},
        },
        "required": ["event", "event_id", "company_id", "number"],
    }


def settings_of_shop(kit: ServiceDatabase, folder: str) -> ServiceSettings:
    """Read settings as the entry point would."""
    from service_kit.service_settings import read_service_settings

    mapping = {
        "SMARTTICKET_ENV": "development",
        "DATABASE_URL": kit.url,
        "RELAY_DATABASE_URL": kit.relay_url,
        "RUNTIME_DIR": folder,
        "OPERATOR_COMPANY_ID": "9",
    }
    reader = Reader(mapping)
    given = read_service_settings(reader, service="shop", schema="kit", port=0)
    reader.finish()
    return ServiceSettings(**given)


@dataclass(frozen=True)
class Thing:
    """The fields of events that `shop` uses."""

    number: int
    company_id: int


def note(session: Session, deliveries: Sequence[Delivery[Thing]]) -> None:
    """Write one line per delivery: the effect that must happen once."""
    session.execute(
        text("insert into notes (company_id, note) values (:company, :note)"),
        [
            {
                "company": delivery.envelope.company_id,
                "note": f"{delivery.envelope.type} {delivery.envelope.subject} {delivery.body.number}"
                f"{'' if delivery.is_latest else ' late'}",
            }
            for delivery in deliveries
        ],
    )


@dataclass
class Moody:
    """An effect that fails for numbers it dislikes, until it is `mended`."""

    dislikes: set[int] = field(default_factory=set)
    error: Callable[[], Exception] = lambda: ValueError("disliked")
    calls: int = 0

    def __call__(self, session: Session, deliveries: Sequence[Delivery[Thing]]) -> None:
        self.calls += 1
        if any(delivery.body.number in self.dislikes for delivery in deliveries):
            raise self.error()
        note(session, deliveries)

    def mended(self) -> None:
        """Dislike nothing any more."""
        self.dislikes = set()


def subscription(
    apply: Any = note,
    *,
    prepare: Any = None,
    concerns: Any = lambda _delivery: True,
    view: type[Any] = Thing,
    track_revisions: bool = True,
) -> Subscription:
    """The one queue of `shop`, with this effect for all types; the functions get no dependencies."""
    consumer = Consumer(
        TYPES,
        view=view,
        apply=lambda session, deliveries, _deps: apply(session, deliveries),
        queue="watch",
        prepare=(lambda delivery, _deps: prepare(delivery)) if prepare is not None else None,
        filter=lambda delivery, _deps: concerns(delivery),
    )
    return Subscription("watch", dict.fromkeys(TYPES, consumer), track_revisions=track_revisions)


def event(
    kind: str = "thing.made", subject: str = "1", *, number: int = 1, revision: int = 1, company: int = 1
) -> Event:
    """One fact of `shop`'s."""
    body = {"company_id": company, "number": number}
    return Event(kind, subject, company, revision, body, Cause("request-1", "", "person"))


def message(
    kind: str = "thing.made",
    subject: str = "1",
    *,
    number: int = 1,
    revision: int = 1,
    company: int = 1,
    **changes: str,
) -> Message:
    """The same on the wire; `changes` replaces attributes, a blank removes one."""
    event_id = str(uuid4())
    attributes = {
        "specversion": "1.0",
        "id": event_id,
        "source": "shop",
        "type": kind,
        "subject": subject,
        "time": rfc3339(datetime.now(UTC)),
        "dataschema": f"https://example.test/events/{kind}/v1",
        "companyid": str(company),
        "revision": str(revision),
        "requestid": "request-1",
        **changes,
    }
    body = {"event": kind, "event_id": event_id, "company_id": company, "number": number}
    return Message(event_id, kind, {k: v for k, v in attributes.items() if v}, orjson.dumps(body))


def publish_once(worker: Worker) -> int:
    """Let an active relay publish one page of pending events and one of each refill; return the number of events."""
    return worker.relay._run_turn()


def send(bus: Any, *messages: Message, queue: str | None = None) -> None:
    """Publish as a relay does."""
    publisher = bus.publisher()
    publisher.publish(None, [Outgoing(item, queue) for item in messages])
    publisher.close()


def incoming(*messages: Message) -> list[Incoming]:
    """Messages as a consumer hands them over."""
    return [Incoming(item, receipt=number) for number, item in enumerate(messages)]


def rows(kit: ServiceDatabase, sql: str) -> list[tuple[Any, ...]]:
    """Query the schema without row-level security."""
    with kit.admin() as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def notes(kit: ServiceDatabase) -> list[str]:
    """Return what was written, in order."""
    return [note for (note,) in rows(kit, "select note from notes order by id")]


def announce(database: Database, *events: Event) -> list[str]:
    """Commit events as a use case does."""
    from eventbus.publish import outbox

    with database.session(*{item.company_id for item in events}) as session, session.begin():
        return outbox.add_all(session, list(events))


def eventually(condition: Callable[[], Any], seconds: float = 180.0) -> Any:
    """Wait until something is true and return it; fail after a while."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)
    return value
