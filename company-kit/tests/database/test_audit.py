"""Audit records are written with the change, by whom the transaction acts for, and stay as they are."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
from company_kit import audit, deletions
from company_kit.actor import SYSTEM, USER, act_as, act_for_nobody, acting_as
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

pytestmark = pytest.mark.postgres

ACME, GLOBEX = 7, 77
NAME = "O'Hara %s \\ ; drop table audit; -- \u2603"


@pytest.fixture(autouse=True)
def nobody() -> Iterator[None]:
    """Each test begins and ends without an actor."""
    act_for_nobody()
    yield
    act_for_nobody()


def change(desk: ServiceDatabase, statement: str, company: int = ACME) -> None:
    with desk.database.session(company) as session, session.begin():
        session.execute(text(statement))


def records(desk: ServiceDatabase, columns: str = "action, record_id, changes") -> list[tuple[object, ...]]:
    return desk.rows(f"select {columns} from audit order by id")


def test_each_kind_of_change_is_recorded_with_the_fields_that_differ(desk: ServiceDatabase) -> None:
    act_as(USER, "user:1")
    change(desk, "insert into desks values (7, 1, 'mine')")
    change(desk, "update desks set note = 'yours, not mine' where company_id = 7")
    change(desk, "update desks set note = note where company_id = 7")
    change(desk, "delete from desks where company_id = 7")
    was, is_now = {"length": len("mine")}, {"length": len("yours, not mine")}
    created, updated, deleted = records(desk)
    assert [each[:2] for each in (created, updated, deleted)] == [
        ("desk.created", "1"), ("desk.updated", "1"), ("desk.deleted", "1"),
    ]  # fmt: skip
    assert created[2] == [field("id", None, 1), field("note", None, was)]
    assert updated[2] == [field("note", was, is_now)]
    assert deleted[2] == [field("id", 1, None), field("note", is_now, None)]


def field(name: str, old: object, new: object) -> dict[str, object]:
    return {"field": name, "old": old, "new": new}


def test_who_acts_is_stored_as_it_is_whatever_the_name(desk: ServiceDatabase) -> None:
    act_as(USER, "user:1", name=NAME, key="0a1B2c3D", key_name=NAME, ip="203.0.113.7", request_id="r-1")
    change(desk, "insert into desks values (7, 1, 'mine')")
    desk.database.execute_and_commit(ACME, "insert into desks values (7, 2, %(note)s)", {"note": "100 %"})
    expected = ("user", "user:1", NAME, "0a1B2c3D", NAME, "203.0.113.7", "r-1")
    assert records(desk, "actor_kind, actor, actor_name, key_id, key_name, ip, request_id") == [expected, expected]


def test_a_change_without_an_actor_is_not_recorded_nor_one_after_the_actor_has_gone(desk: ServiceDatabase) -> None:
    change(desk, "insert into desks values (7, 1, 'mine')")
    with acting_as(SYSTEM, "operator"):
        change(desk, "insert into desks values (7, 2, 'mine')")
    change(desk, "insert into desks values (7, 3, 'mine')")
    assert records(desk, "actor, record_id") == [("operator", "2")]


def test_a_change_that_is_rolled_back_leaves_no_record(desk: ServiceDatabase) -> None:
    act_as(USER, "user:1")
    with desk.database.session(ACME) as session:
        session.execute(text("insert into desks values (7, 1, 'mine')"))
        session.rollback()
    assert records(desk) == []


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set actor = 'user:2' where company_id = 7",
        "delete from audit where company_id = 7",
        "truncate audit",
        "select remove_audit(7, now(), 10)",
        "select remove_audit(7, '9999-01-01', 10)",
        "alter table audit disable trigger all",
        "set local role postgres",
    ],
)
def test_the_service_can_change_no_record(desk: ServiceDatabase, statement: str) -> None:
    act_as(USER, "user:1")
    change(desk, "insert into desks values (7, 1, 'mine')")
    with pytest.raises(DBAPIError):
        change(desk, statement)
    assert len(records(desk)) == 1


def test_not_even_the_owner_changes_a_record(desk: ServiceDatabase) -> None:
    act_as(USER, "user:1")
    change(desk, "insert into desks values (7, 1, 'mine')")
    for statement in ("update audit set actor = 'user:2'", "delete from audit"):
        with desk.admin() as connection, connection.cursor() as cursor, pytest.raises(psycopg2.Error, match="append"):
            cursor.execute(statement)
    assert records(desk, "actor") == [("user:1",)]


def test_nobody_writes_or_reads_another_companys_records(desk: ServiceDatabase) -> None:
    act_as(USER, "user:1")
    change(desk, "insert into desks values (7, 1, 'mine')")
    with pytest.raises(DBAPIError):
        change(desk, "select add_audit(77, 'desk.created', 'desk', '1', null, '', '[]')")
    with desk.database.session(GLOBEX) as session:
        assert audit.page(session, ACME, audit.Filter(), before=None, limit=10) == []
        assert audit.page(session, GLOBEX, audit.Filter(), before=None, limit=10) == []


def test_old_records_go_by_the_retention_and_younger_ones_stay(desk: ServiceDatabase) -> None:
    with desk.admin() as connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into companies (id) values (7), (77);"
            " insert into audit (company_id, at, actor_kind, actor, action, record, record_id)"
            " select company, now() - make_interval(days => days), 'user', 'user:1', 'a', 'r', days::text"
            " from unnest(array[7, 77]) company, unnest(array[0, 29, 31, 400]) days"
        )
    audit.AuditRetention(desk.database, days=30).run_when_due()
    assert desk.rows("select company_id, record_id from audit order by 1, record_id") == [
        (7, "0"), (7, "29"), (77, "0"), (77, "29"),
    ]  # fmt: skip


def test_a_deleted_companys_records_go_and_no_others(desk: ServiceDatabase) -> None:
    act_as(USER, "user:1")
    for company in (ACME, GLOBEX):
        change(desk, f"insert into desks values ({company}, 1, 'mine')", company)
    act_for_nobody()
    with desk.database.session(ACME) as session, session.begin():
        deletions.mark(session, [ACME])
    assert audit.remove(desk.database, ACME, audit.NEWEST) == 1
    with pytest.raises(DBAPIError):
        audit.remove(desk.database, GLOBEX, datetime.now(UTC) + timedelta(days=1))
    assert records(desk, "company_id") == [(GLOBEX,)]


def test_what_leaves_no_row_is_added_by_hand(desk: ServiceDatabase) -> None:
    act_as("anonymous", "anonymous", ip="203.0.113.7")
    with desk.database.session(ACME) as session, session.begin():
        audit.add(session, ACME, "login.failed", record="user", record_id=3)
        audit.add(session, ACME, "login.succeeded", record="user", record_id=3, ticket_id=4, owner=3)
    assert records(desk, "actor_kind, actor, action, ticket_id, ip") == [
        ("anonymous", "anonymous", "login.failed", None, "203.0.113.7"),
        ("user", "user:3", "login.succeeded", 4, "203.0.113.7"),
    ]
