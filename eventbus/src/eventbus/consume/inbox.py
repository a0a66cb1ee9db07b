"""Deduplicates events: messages are delivered at least once, the inbox makes their effects happen once."""

from collections.abc import Sequence
from typing import Any

from service_kit.database.engine import Database
from service_kit.database.pg_arrays import pg_array, pg_text_array
from service_kit.database.statements import Prepared, run
from sqlalchemy import text
from sqlalchemy.orm import Session

from eventbus.consume.decoder import DecodedMessage

# A small number, so that the batches of many workers stay far below max_locks_per_transaction. The end of a subject is
# rare: it may delay a sixty-fourth of the other subjects for a few milliseconds.
LOCKS = 64

# A separate statement: the next one then sees the commits of the locks' former holders.
_LOCK = Prepared(
    "lock_subjects",
    f"""
    select case when final then pg_advisory_xact_lock(hashtext('subjects:' || current_schema()), number)
                else pg_advisory_xact_lock_shared(hashtext('subjects:' || current_schema()), number) end
    from (
        select number, bool_or(final) as final
        from (
            select mod(hashtext(company || ':' || subject) & 2147483647, {LOCKS}) as number, final
            from unnest(:companies, :subjects, :finals) as incoming (company, subject, final)
        ) each_subject
        group by number order by number
    ) sorted
    """,  # noqa: S608
    {"companies": "int[]", "subjects": "text[]", "finals": "bool[]"},
)

# `company` is a column, because under row-level security no index looks up what a function makes of another column.
_ADMIT = Prepared(
    "admit_events",
    """
    with incoming as (
        select *, 'company:' || company_id as company
        from unnest(:ids, :companies, :subjects, :types, :times, :finals, :sources, :revisions)
            as i (event_id, company_id, subject, type, event_time, final, source, revision)
    ),
    fresh as (
        insert into inbox (queue, event_id, company_id, subject, type, event_time, received_at)
        select :queue, event_id, company_id, subject, type, event_time, :received_at
        from incoming order by event_id
        on conflict do nothing
        returning event_id
    ),
    ended as materialized (
        -- One index lookup per event. With a join, row-level security makes the planner read all rows of the company on
        -- a table without statistics.
        select distinct company_id, subject
        from incoming i
        where final
          or (select true from tombstones where company_id = i.company_id and subject in (i.subject, i.company) limit 1)
    ),
    alive as (
        select incoming.*
        from incoming join fresh using (event_id) left join ended using (company_id, subject)
        where ended.company_id is null
    ),
    newest as (
        insert into revisions as known (company_id, queue, source, subject, type, revision)
        select company_id, :queue, source, subject, type, max(revision)
        from alive where :track_revisions
        group by company_id, source, subject, type
        order by company_id, source, subject, type
        on conflict (company_id, queue, source, subject, type)
            do update set revision = excluded.revision where known.revision < excluded.revision
        returning company_id, source, subject, type, revision
    )
    select incoming.event_id::text,
           ended.company_id is not null as ended,
           not :track_revisions or newest.revision is not null as is_latest
    from fresh join incoming using (event_id)
    left join ended on ended.company_id = incoming.company_id and ended.subject = incoming.subject
    left join newest on newest.company_id = incoming.company_id and newest.source = incoming.source
        and newest.subject = incoming.subject and newest.type = incoming.type and newest.revision = incoming.revision
    """,
    {
        "queue": "text",
        "track_revisions": "bool",
        "received_at": "timestamptz",
        "ids": "uuid[]",
        "companies": "int[]",
        "subjects": "text[]",
        "types": "text[]",
        "times": "timestamptz[]",
        "finals": "bool[]",
        "sources": "text[]",
        "revisions": "int[]",
    },
)

# Parked events of an ended subject have no effect any more and may hold its text, so they are deleted. So are outbox
# rows about it, because consumers drop them after the end. The final event itself stays: other queues may still need
# it. One statement per subject: a single statement for all would make the planner read all rows of a company.
_END = text("""
    delete from revisions where company_id = :company and subject = :subject;
    delete from parked where company_id = :company and subject = :subject and type <> :type;
    delete from outbox where company_id = :company and subject = :subject and type <> :type;
    insert into tombstones (company_id, subject) values (:company, :subject) on conflict do nothing;
""")

_ADD_TOMBSTONES = Prepared(
    "add_tombstones",
    "insert into tombstones (company_id, subject) select * from unnest(:companies, :subjects) on conflict do nothing",
    {"companies": "int[]", "subjects": "text[]"},
)

_SEEN = Prepared(
    "seen_events",
    """
    select asked.event_id::text from unnest(:ids) as asked (event_id)
    where (select true from inbox i where i.queue = :queue and i.event_id = asked.event_id limit 1)
        or (select true from tombstones t where (t.company_id, t.subject) = (:company, 'company:' || :company))
    """,
    {"ids": "uuid[]", "queue": "text", "company": "int"},
)


class Inbox:
    """The inbox of one queue; stateless, so one object serves all threads."""

    def admit(
        self, session: Session, queue: str, messages: Sequence[DecodedMessage], *, track_revisions: bool
    ) -> dict[str, Any]:
        """Store a batch in the inbox and return a row for each new event by its id, in one round trip.

        `row.ended`: its subject has ended. `row.is_latest`: its revision is higher than all applied ones and the
        highest of its batch.

        Locks the subjects until the commit: shared for a normal event, exclusively for a final one, so that no effect
        of a normal event can be committed after its subject's end.
        """
        envelopes = [message.envelope for message in messages]
        rows = run(
            session,
            [_LOCK, _ADMIT],
            {
                "queue": queue,
                "track_revisions": track_revisions,
                "received_at": messages[0].received_at,
                "ids": pg_array(e.id for e in envelopes),
                "companies": pg_array(e.company_id for e in envelopes),
                "subjects": pg_text_array(e.subject for e in envelopes),
                "types": pg_text_array(e.type for e in envelopes),
                "times": pg_text_array(e.time for e in envelopes),
                "finals": pg_array(message.final for message in messages),
                "sources": pg_text_array(e.source for e in envelopes),
                "revisions": pg_array(e.revision for e in envelopes),
            },
        )
        return {row.event_id: row for row in rows}

    def seen(self, database: Database, company_id: int, queue: str, event_ids: Sequence[str]) -> set[str]:
        """Return which events of a company have no effect, to save slow work: those that the inbox holds, and all of a
        deleted company. Only `admit` guarantees the answer."""
        values = {"queue": queue, "ids": pg_array(event_ids), "company": company_id}
        return {event_id for (event_id,) in database.execute_and_commit(company_id, _SEEN, values)}


def end_subjects(session: Session, ended: Sequence[tuple[int, str, str]]) -> None:
    """Store tombstones in a transaction that holds the subjects' locks (a batch with final events).

    `ended` gives company id, subject and the type of the final event.
    """
    names = ("company", "subject", "type")
    session.execute(_END, [dict(zip(names, values, strict=True)) for values in sorted(set(ended))])


def end_subject(session: Session, company_id: int, subject: str) -> None:
    """Store a subject's tombstone from a use case: no later event about it has an effect in this service.

    Must be the transaction's first step: consumers take this lock before they lock rows, and use cases must too.
    """
    subjects = {"companies": pg_array([company_id]), "subjects": pg_text_array([subject])}
    run(session, [_LOCK, _ADD_TOMBSTONES], {**subjects, "finals": pg_array([True])})
