"""Events are stored with what makes them true, or not at all."""

import pytest
from eventbus.contracts import BadEvent, Contracts
from eventbus.event import Event
from eventbus.publish import outbox
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from service_kit.database.engine import Database
from service_kit.database.statements import Prepared
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import text

from .shop import announce, event, rows


def test_an_event_that_breaks_its_contract_is_refused_before_it_is_stored(
    kit: ServiceDatabase, database: Database
) -> None:
    bad = event()
    with pytest.raises(BadEvent, match="number"):
        announce(database, Event(bad.type, bad.subject, 1, 1, {"company_id": 1, "number": "x"}, bad.cause))
    assert rows(kit, "select count(*) from outbox") == [(0,)]


def test_a_rollback_removes_the_event_and_wakes_no_relay(
    kit: ServiceDatabase, database: Database, contracts: Contracts
) -> None:
    woken: list[int] = []
    outbox.connect(database, contracts, lambda: woken.append(1))
    with database.session(1) as session:
        outbox.add(session, event())
        session.rollback()
    assert rows(kit, "select count(*) from outbox") == [(0,)]
    assert woken == []
    with database.session(1) as session:
        outbox.add(session, event())
        assert woken == []
        session.commit()
    assert woken == [1]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(subject=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30))
def test_any_text_is_stored_as_it_was(kit: ServiceDatabase, database: Database, subject: str) -> None:
    kit.clean()
    announce(database, event(subject=subject), event("thing.changed", subject=subject + "\\"))
    assert rows(kit, "select subject from outbox order by seq") == [(subject,), (subject + "\\",)]


def test_a_use_case_of_one_statement_stores_its_event_and_wakes_the_relay(
    kit: ServiceDatabase, database: Database, contracts: Contracts
) -> None:
    woken: list[int] = []
    outbox.connect(database, contracts, lambda: woken.append(1))
    values = ", ".join(f":{name}" for name in outbox.TYPES)
    sql = f"insert into outbox ({outbox.COLUMNS}) values ({values}) returning id::text"
    row = outbox.row(contracts, event())
    [(stored,)] = database.execute_and_commit(1, Prepared("make_event", sql, outbox.TYPES), row, writes_outbox=True)
    assert rows(kit, "select id::text, subject, actor_kind from outbox") == [(stored, "1", "person")]
    assert woken == [1]


def test_what_a_statement_computes_is_held_against_the_contract_too(contracts: Contracts) -> None:
    with pytest.raises(BadEvent):
        outbox.row(contracts, event(), later={"number": "x"})


def test_row_level_security_rejects_an_event_of_another_company(database: Database) -> None:
    with database.session(1) as session, pytest.raises(Exception, match="row-level security"):
        outbox.add(session, event(company=2))


def test_no_event_is_no_statement(database: Database) -> None:
    with database.session(1) as session:
        assert outbox.add_all(session, []) == []
        assert session.execute(text("select 1")).scalar_one() == 1
