"""What the database tells about messaging when somebody scrapes; right in any process of a service."""

from collections.abc import Iterable

from sqlalchemy import text

from service_kit.database.engine import Database
from service_kit.telemetry.metrics import Metrics

# Index: outbox_unpublished, which is never wider than the backlog.
_UNPUBLISHED = text("select count(*) from outbox where published_at is null")
_OLDEST = text(
    "select coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0) from outbox where published_at is null"
)
_DEAD = text("select queue, count(*) from parked where state = 'dead' group by queue")
_WAITING = text("select queue, count(*) from parked where state = 'waiting' group by queue")


def register(metrics: Metrics, database: Database, queues: Iterable[str] = ()) -> None:
    """Have outbox lag, dead letters and waiting retries read at every scrape. Doing it twice changes nothing.

    Each of `queues` has a series from the start: an alert on a series that is missing never fires, and a rate over one
    that appears with its first event misses that event.
    """
    known: dict[tuple[str, ...], float] = {(queue,): 0.0 for queue in queues}

    def one(statement: object) -> float:
        with database.relay_session() as session:
            return float(session.execute(statement).scalar_one())  # type: ignore[call-overload]

    def each(statement: object) -> dict[tuple[str, ...], float]:
        with database.relay_session() as session:
            rows = session.execute(statement).all()  # type: ignore[call-overload]
        return known | {(queue,): float(number) for queue, number in rows}

    metrics.at_scrape("outbox_unpublished", "Events that wait to be published.", lambda: one(_UNPUBLISHED))
    metrics.at_scrape("outbox_oldest_seconds", "Age of the oldest unpublished event.", lambda: one(_OLDEST))
    metrics.at_scrape("dead_letters", "Events given up on until a person looks.", lambda: each(_DEAD), ("queue",))
    metrics.at_scrape("parked_waiting", "Events put aside to be tried again.", lambda: each(_WAITING), ("queue",))
