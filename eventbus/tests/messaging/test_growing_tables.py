"""The cost of a batch must not grow with the size of the tables, with or without statistics."""

from eventbus.consume.decoder import Decoder
from eventbus.consume.inbox import Inbox, end_subjects
from eventbus.publish import outbox_queries
from service_kit.database.engine import Database
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import text

from .shop import QUEUE, announce, contracts_of_shop, event, incoming, message, subscription

ROWS = 5_000
READ = text("select relname, seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_user_tables")


def _fill(kit: ServiceDatabase) -> None:
    """Fill new tables, of which the planner knows nothing yet.

    Where an earlier test's rows were deleted, it would take the indexes to be large and empty.
    """
    with kit.admin() as connection, connection.cursor() as cursor:
        cursor.execute("truncate inbox, tombstones, revisions, parked")
        for sql in (
            """insert into inbox (queue, event_id, company_id, subject, type, event_time, received_at)
               select 'shop.watch', gen_random_uuid(), 1, n::text, 't', now(), now() from generate_series(1, %s) n""",
            "insert into tombstones (company_id, subject) select 1, 'gone ' || n from generate_series(1, %s) n",
            """insert into revisions (company_id, queue, source, subject, type, revision)
               select 1, 'shop.watch', 'shop', 'old ' || n, 't', 1 from generate_series(1, %s) n""",
            """insert into parked (queue, event_id, company_id, subject, body, reason, state)
               select 'shop.watch', n::text, 1, 'old ' || n, '', '', 'dead' from generate_series(1, %s) n""",
        ):
            cursor.execute(sql, (ROWS,))


def test_neither_a_batch_nor_the_end_of_a_subject_reads_whole_tables(kit: ServiceDatabase, database: Database) -> None:
    _fill(kit)
    received = incoming(*(message(subject=str(number)) for number in range(100)))
    messages, _ = Decoder(subscription(), contracts_of_shop()).decode(received)
    with database.session(1) as session:
        admitted = Inbox().admit(session, QUEUE, messages, track_revisions=True)
        end_subjects(session, [(1, f"old {number}", "thing.ended") for number in range(10)])
        read = {row[0]: row[1] for row in session.execute(READ)}
        session.commit()
    assert len(admitted) == 100
    assert {name: number for name, number in read.items() if number > 500} == {}


def test_a_relay_that_began_with_an_empty_outbox_reads_only_pending_rows_of_a_long_one(
    kit: ServiceDatabase, database: Database
) -> None:
    with kit.admin() as connection, connection.cursor() as cursor:
        cursor.execute("analyze outbox")  # a plan for a table that is known to be empty would read all of it
    relay = database.relay_connection()
    outbox_queries.prepare(relay)
    assert outbox_queries.select_pending(relay) == []
    with kit.admin() as connection, connection.cursor() as cursor:
        cursor.execute(
            """insert into outbox (id, company_id, subject, type, revision, body, actor_kind, published_at)
               select gen_random_uuid(), 1, n::text, 'thing.made', 1, '{}', 'person', now()
               from generate_series(1, %s) n""",
            (ROWS,),
        )
    announce(database, *(event(subject=str(number)) for number in range(20)))
    relay.autocommit = False
    pending = outbox_queries.select_pending(relay)
    outbox_queries.mark_published(relay, [row.id for row in pending])
    with relay.cursor() as cursor:
        cursor.execute(READ.text)
        read = {row[0]: row[1] for row in cursor.fetchall()}
    relay.close()
    assert len(pending) == 20
    assert read["outbox"] < 500
