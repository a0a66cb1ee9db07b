from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from random import Random
from uuid import uuid4

import psycopg2
import pytest
from service_kit.database.companies import set_companies_sql
from service_kit.database.ddl import COMPANY_TABLES
from service_kit.database.tables import outbox
from service_kit.testing.row_level_security import unprotected_tables
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

pytestmark = pytest.mark.postgres

INSERT = "insert into notes (company_id, note) values (%(company)s, %(note)s) returning id"
ALL_NOTES = text("select company_id, note from notes order by id")


def write(database, company, note):
    return database.execute_and_commit(company, INSERT, {"company": company, "note": note})


def event(company):
    return {
        "id": uuid4(),
        "company_id": company,
        "subject": "1",
        "type": "ticket.created",
        "revision": 1,
        "body": "{}",
        "actor_kind": "system",
    }


def test_every_table_with_a_company_has_complete_row_level_security(kit):
    with kit.admin() as connection, connection.cursor() as cursor:
        assert unprotected_tables(cursor, "kit") == []
        cursor.execute("select tablename from pg_policies where schemaname = 'kit' and policyname = 'own_companies'")
        assert {name for (name,) in cursor.fetchall()} == {*COMPANY_TABLES, "notes"}


@pytest.mark.parametrize(
    "gap",
    [
        "alter table notes no force row level security",
        "alter table notes disable row level security",
        "drop policy own_companies on notes",
        "alter policy own_companies on notes with check (true)",
        "alter policy own_companies on notes using (true)",
        "alter policy own_companies on notes to kit_nobody",
        "create policy everybody on notes using (true)",
        "create policy lookup on notes for select using (true)",
        "create policy lookup on notes for select to kit_nobody using (true)",
        "create policy lookup on notes to kit_owner using (true)",
        "create policy other on notes for select to kit_owner using (true)",
        "alter table notes alter company_id drop not null",
    ],
)
def test_a_gap_is_found(kit, gap):
    with kit.admin() as connection, connection.cursor() as cursor:
        connection.autocommit = False
        cursor.execute(gap.replace("kit_nobody", f'"{kit.roles.app}"').replace("kit_owner", f'"{kit.roles.owner}"'))
        assert unprotected_tables(cursor, "kit") in (["notes"], ["notes.everybody"], ["notes.lookup"], ["notes.other"])
        connection.rollback()


def test_the_owner_may_read_for_functions_that_find_a_company(kit):
    with kit.admin() as connection, connection.cursor() as cursor:
        connection.autocommit = False
        cursor.execute(f'create policy lookup on notes for select to "{kit.roles.owner}" using (true)')
        assert unprotected_tables(cursor, "kit") == []
        connection.rollback()


def test_a_foreign_companys_rows_are_invisible_without_any_where(database):
    write(database, 1, "ours")
    write(database, 2, "theirs")
    with database.session(1) as session:
        assert session.execute(ALL_NOTES).all() == [(1, "ours")]
    assert [row.note for row in database.execute_and_commit(2, "select note from notes", {})] == ["theirs"]


def test_a_batch_sees_its_companies_and_no_third(database):
    for company in (1, 2, 3):
        write(database, company, "x")
    with database.session(3, 1) as session:
        assert [row.company_id for row in session.execute(ALL_NOTES)] == [1, 3]


def test_a_row_can_not_be_given_to_a_foreign_company(database):
    with pytest.raises(ProgrammingError, match="row-level security"):
        database.execute_and_commit(1, INSERT, {"company": 2, "note": "smuggled"})
    write(database, 1, "ours")
    with database.session(1) as session, pytest.raises(ProgrammingError, match="row-level security"):
        session.execute(text("update notes set company_id = 2"))


def test_foreign_rows_can_neither_be_changed_nor_deleted(database):
    write(database, 2, "theirs")
    with database.session(1) as session, session.begin():
        assert session.execute(text("update notes set note = 'defaced'")).rowcount == 0
        assert session.execute(text("delete from notes")).rowcount == 0
    with database.session(2) as session:
        assert session.execute(ALL_NOTES).all() == [(2, "theirs")]


def test_a_session_without_companies_sees_nothing(database):
    write(database, 1, "ours")
    with database.session() as session:
        assert session.execute(ALL_NOTES).all() == []


def test_the_empty_setting_after_a_commit_gives_no_rows_and_no_error(kit, database):
    write(database, 1, "ours")
    with closing(psycopg2.connect(kit.url, options="-c search_path=kit")) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from notes")
        assert cursor.fetchone() == (0,)  # never set: NULL
        cursor.execute(set_companies_sql([1]))
        cursor.execute("select count(*) from notes")
        assert cursor.fetchone() == (1,)
        connection.commit()
        cursor.execute("select current_setting('app.companies', true), count(*) from notes")
        assert cursor.fetchone() == ("", 0)  # set once and over: the empty string


def test_row_level_security_binds_the_owner(kit, database):
    write(database, 1, "ours")
    with kit.admin() as connection, connection.cursor() as cursor:
        cursor.execute(f'set role "{kit.roles.owner}"')
        cursor.execute("select count(*) from notes")
        assert cursor.fetchone() == (0,)


def test_the_relay_sees_every_companys_events_and_no_other_table(database):
    for company in (1, 2):
        with database.session(company) as session, session.begin():
            session.execute(insert(outbox), event(company))
    write(database, 1, "a secret")
    with database.relay_session() as session, session.begin():
        assert sorted(session.execute(select(outbox.c.company_id)).scalars()) == [1, 2]
    for table in ("notes", "tombstones", "idempotency_keys", "companies", "alembic_version"):
        with database.relay_session() as session, pytest.raises(ProgrammingError, match="permission denied"):
            session.execute(text(f"select * from {table}"))


def test_the_app_sees_only_its_companies_in_the_relays_tables(database):
    with database.session(2) as session, session.begin():
        session.execute(insert(outbox), event(2))
    with database.session(1) as session:
        assert session.execute(select(outbox)).all() == []


def test_many_companies_over_two_connections_stay_separate(database):
    """Sessions that commit, roll back or fail, and one-statement commits, in random order by eight threads."""
    for company in range(1, 11):
        write(database, company, "first")
    foreign = []

    def visit(seed):
        random = Random(seed)
        for _ in range(60):
            company = random.randrange(1, 11)
            way = random.choice(["session", "rollback", "error", "statement", "untouched"])
            if way == "statement":
                rows = database.execute_and_commit(company, "select company_id from notes", {})
                foreign.extend(row for row in rows if row.company_id != company)
                continue
            with database.session(company) as session:
                if way == "untouched":
                    session.connection()
                    continue
                foreign.extend(row for row in session.execute(ALL_NOTES) if row.company_id != company)
                if way == "error":
                    with pytest.raises(DBAPIError):
                        session.execute(text("select 1 / 0"))
                elif way == "session":
                    session.commit()
                    foreign.extend(row for row in session.execute(ALL_NOTES) if row.company_id != company)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(visit, range(8)))
    assert foreign == []
    with database.session() as session:
        assert session.execute(ALL_NOTES).all() == []


@pytest.mark.parametrize("nonsense", [["1"], [1.5], [None], ["1', false); drop table notes; --"]])
def test_only_whole_numbers_reach_the_setting(nonsense):
    with pytest.raises(TypeError):
        set_companies_sql(nonsense)


@pytest.mark.parametrize("company", [0, -1, 2**31])
def test_an_id_out_of_range_is_refused_before_anything_is_sent(database, company):
    with pytest.raises(ValueError, match="company id"):
        database.session(company)
    with pytest.raises(ValueError, match="company id"):
        database.execute_and_commit(company, "select 1", {})
