"""A title finds itself, in whichever letters it is written."""

from importlib import import_module
from urllib.parse import quote

import pytest
import sqlalchemy
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from service_kit.testing.postgres import ServiceDatabase
from ticket_service.domain.folding import folded, search_words

from ..conftest import Api

MIGRATION = import_module("ticket_service.migrations.0006_search_text")

TITLES = [
    "ΟΔΟΣ ΒΟΡΡΑΣ",
    "İSTANBUL ofisi",
    "ISPARTA ısı",
    "STRASSE und Straße",
    "Ｐａｓｓｗｏｒｄ ｖｐｎ",
    "Cafe\u0301 crème",
    "ﬁle ﬀ ﬃ",
    "Ǆ ʼN ŉ ΐ ΰ",
    "ｶﾞｽ 한국어 각",
    "v\u00adp\u200bn",
    "ﷺ ½ ℡",
    "100% smoke_ \\ 'x' \"y\"",
    "I i",
]
LETTERS = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("".join(TITLES))


def found(api: Api, q: str) -> set[int]:
    return {ticket["id"] for ticket in api.get(f"/api/tickets?limit=100&q={quote(q)}")["tickets"]}


@pytest.mark.parametrize("title", TITLES)
def test_a_title_finds_itself_in_each_case_of_its_letters(api: Api, title: str) -> None:
    first = api.create(title="Something else: 0", description="0")["id"]
    ticket = api.create(title=title)["id"]
    assert api.call("POST", "/tickets", {"subject": title, "body": "x", "customer_id": "c"}).status_code == 201
    both = {ticket, ticket + 1}
    for q in (title, title.lower(), title.upper(), title.casefold(), title.title()):
        assert found(api, q) - {first} == both, q


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(title=st.text(LETTERS, min_size=1, max_size=30))
def test_any_title_finds_itself(api: Api, title: str) -> None:
    assume(folded(title).strip() and title.strip())
    assert api.create(title=title, description="x")["id"] in found(api, title)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(max_codepoint=127, exclude_categories=["Cc"]), min_size=1, max_size=100))
def test_postgresql_folds_ascii_as_python_does(made: ServiceDatabase, text: str) -> None:
    assert made.rows('select lower(%s::text collate "C")', text) == [(folded(text),)]


def test_a_changed_title_is_found_by_its_new_letters_only(api: Api) -> None:
    ticket = api.create(title="ΟΔΟΣ")["id"]
    assert api.call("PATCH", f"/api/tickets/{ticket}", {"title": "Straße"}).status_code == 200
    assert found(api, "STRASSE") == {ticket}
    assert found(api, "οδος") == set()
    assert api.call("PATCH", f"/api/tickets/{ticket}", {"title": "Street"}).status_code == 200
    assert found(api, "STREET") == {ticket}
    assert found(api, "STRASSE") == set()


def test_eleven_words_are_no_error_and_the_first_ten_count(api: Api) -> None:
    ticket = api.create(title="one two three four five six seven eight nine ten eleven twelve")["id"]
    assert found(api, "one two three four five six seven eight nine ten eleven") == {ticket}
    assert found(api, "one two three four five six seven eight nine ten missing") == {ticket}
    assert found(api, "one two three four five six seven eight nine missing ten") == set()
    assert found(api, " ".join("abcdefghijklmnopqrstuvwxyz" * 3)) == set()


def test_tickets_that_were_there_before_are_folded_too(
    api: Api, made: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = [api.create(title=title)["id"] for title in TITLES]
    monkeypatch.setattr(MIGRATION, "BATCH", 5)
    made.rows("update tickets set search_text = null returning 1")
    assert found(api, "οδος") == set()
    engine = sqlalchemy.create_engine(sqlalchemy.make_url(made.admin_url).set(drivername="postgresql+psycopg2"))
    with engine.begin() as connection:
        connection.exec_driver_sql(f'set search_path = "{made.schema}"')
        connection.exec_driver_sql(f'set role "{made.roles.owner}"')
        MIGRATION.fold_all(connection)
    engine.dispose()
    assert made.rows("select relforcerowsecurity from pg_class where oid = 'tickets'::regclass") == [(True,)]
    for title in TITLES:
        assert found(api, title) >= {tickets[TITLES.index(title)]}, search_words(title, 10)
