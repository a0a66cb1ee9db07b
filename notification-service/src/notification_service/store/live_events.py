"""Changes for connected clients, and how they are read completely although transactions end in any order.

The live process keeps the snapshot of its last look and reads the rows that it did not show: each once, however long a
transaction runs elsewhere in the cluster. A client keeps a mark alone, the oldest transaction that was running then:
everything before it was read, and what comes after it may be read twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson
from service_kit.database.statements import Prepared, run
from sqlalchemy import text
from sqlalchemy.orm import Session

from notification_service.domain.changes import STILL, TYPING, Change

CHANNEL = "live_changes"
"""The notifications of transactions that stored changes, without content; PostgreSQL sends them after the commit."""
_ADD = Prepared(
    "add_live_events",
    f"""
    with added as (
        insert into live_events (company_id, room, audience, kinds, version, item_id)
        select company_id, room, audience, kinds, version, item_id
        from jsonb_to_recordset(:rows) as n (
            company_id int, room text, audience text[], kinds text[], version bigint, item_id bigint
        )
    )
    select pg_notify('{CHANNEL}', '')
    """,  # noqa: S608 - nothing in it comes from outside
    {"rows": "jsonb"},
)
# One statement, so that the snapshot and the rows belong together. Index: live_events_by_xact.
_READ = text("""
    select s.now, e.id, e.xact::text as xact, e.company_id, e.room, e.audience, e.kinds, e.version, e.item_id
    from (select pg_current_snapshot()::text as now) s
    left join live_events e on e.xact >= pg_snapshot_xmin(cast(:before as pg_snapshot))
        and not pg_visible_in_snapshot(e.xact, cast(:before as pg_snapshot)) and e.company_id = any(:companies)
    order by e.id
    limit :most
""")
_SNAPSHOT = text("select pg_current_snapshot()::text")
_FLOOR = text("select xact::text from live_floors where company_id = :company")
# Indexes: live_events_by_age, the primary key.
_REMOVE = text("""
    with gone as (
        delete from live_events where company_id = :company and id in (
            select id from live_events where company_id = :company and (
                created_at < now() - make_interval(hours => :hours)
                or id <= (
                    select id from live_events where company_id = :company order by id desc offset :most limit 1
                )
            )
            order by id limit :rows
        )
        returning xact
    ), floor as (
        insert into live_floors as f (company_id, xact)
        select :company, xact from gone order by xact desc limit 1
        on conflict (company_id) do update set xact = greatest(f.xact, excluded.xact)
    )
    select count(*) from gone
""")
_REMOVE_USED = text("""
    delete from used_ws_tickets where company_id = :company and used_at < now() - interval '5 minutes'
""")
_USE = text("""
    insert into used_ws_tickets (company_id, id) values (:company, :id) on conflict do nothing returning id
""")
MAX_ROWS_PER_DELETE = 1000
MAX_REPLAYED = 10_000


@dataclass(frozen=True)
class LiveEvent:
    """A stored change; `xact` is the transaction that stored it."""

    id: int
    xact: int
    change: Change


@dataclass(frozen=True)
class Reading:
    """Changes in the order of their ids, and the snapshot after which to read the next time."""

    events: Sequence[LiveEvent]
    snapshot: str

    @property
    def mark(self) -> int:
        """Return the mark for clients that have got the changes."""
        return mark_of(self.snapshot)


class TooOld(Exception):
    """A mark can't be read from any more: something behind it was removed, or it is none of this database."""


def add(session: Session, changes: Sequence[Change]) -> None:
    """Store changes."""
    if changes:
        run(session, [_ADD], {"rows": orjson.dumps([vars(each) for each in changes]).decode()})


def mark_of(snapshot: str) -> int:
    """Return the oldest transaction that was running at a snapshot: nothing before it comes any more."""
    return int(snapshot.partition(":")[0])


def current_snapshot(session: Session) -> str:
    """Return the snapshot of this moment: a reader that begins with it misses nothing that is stored from now on."""
    return str(session.execute(_SNAPSHOT).scalar_one())


def read(session: Session, companies: Sequence[int], before: str, *, most: int = MAX_REPLAYED) -> Reading:
    """Return the companies' changes that a snapshot did not show; raise TooOld for one of the future, or too many."""
    rows = session.execute(_READ, {"before": before, "companies": list(companies), "most": most + 1}).all()
    now = str(rows[0].now)
    if mark_of(before) > int(now.split(":")[1]) or len(rows) > most:
        raise TooOld
    return Reading(list(_events(rows)), now)


def replay(session: Session, company_id: int, mark: int) -> Reading:
    """Return a company's changes from a client's mark on; raise TooOld where some of them were removed."""
    floor = session.execute(_FLOOR, {"company": company_id}).scalar_one_or_none()
    if floor is not None and mark <= int(floor):
        raise TooOld
    reading = read(session, [company_id], f"{mark}:{mark}:")
    # What somebody typed then is of no interest now.
    kept = [event for event in reading.events if not {TYPING, STILL} & set(event.change.kinds)]
    return Reading(kept, reading.snapshot)


def remove_old(session: Session, company_id: int, *, hours: int, most: int) -> int:
    """Remove up to MAX_ROWS_PER_DELETE changes that are too old or too many; return their number."""
    values = {"company": company_id, "hours": hours, "most": most, "rows": MAX_ROWS_PER_DELETE}
    return int(session.execute(_REMOVE, values).scalar_one())


def use_ticket(session: Session, company_id: int, ticket: str) -> bool:
    """Record that a ticket was used; return whether it was the first time."""
    return session.execute(_USE, {"company": company_id, "id": ticket}).one_or_none() is not None


def remove_used_tickets(session: Session, company_id: int) -> None:
    """Remove the used tickets that have expired by now."""
    session.execute(_REMOVE_USED, {"company": company_id})


def _events(rows: Sequence[object]) -> Iterator[LiveEvent]:
    for row in rows:
        if row.id is not None:  # type: ignore[attr-defined]
            yield _event(row)


def _event(row: object) -> LiveEvent:
    values = row._asdict()  # type: ignore[attr-defined]
    change = Change(
        values["company_id"],
        values["room"],
        tuple(values["audience"]),
        tuple(values["kinds"]),
        values["version"],
        values["item_id"],
    )
    return LiveEvent(values["id"], int(values["xact"]), change)
