"""The functions that find a company before it is known, and nothing more."""

import pytest
from service_kit.database.engine import Database
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from ..conftest import Api, People, Rows

TABLES = ("users", "invitations", "sessions", "refresh_tokens", "revocations")
LOOKUPS = (
    "select proname, proargtypes::regtype[]::text from pg_proc where pronamespace = 'auth'::regnamespace order by 1"
)

LOOKUP_NAMES = {
    "find_login", "find_refresh_token", "find_invitation", "find_api_key", "find_password_reset", "revocations_since",
    "find_sso_connection", "find_sso_code", "find_email_change",
}  # fmt: skip


@pytest.fixture
def filled(people: People, api: Api) -> None:
    """Rows in all tables, of two companies."""
    people.found()
    ada = people.as_caller(people.log_in().json["access_token"])
    ada.call("POST", "/api/invitations", {"email": "cem@acme.example", "role": "agent"})
    api.call("POST", "/api/users", {"email": "ben@acme.example", "username": "Ben", "role": "agent"})
    assert ada.call("DELETE", f"/api/sessions/{ada.session}").status_code == 204


@pytest.mark.parametrize("table", TABLES)
def test_without_a_company_no_row_is_visible_and_another_company_sees_its_own_alone(
    filled: None, database: Database, rows: Rows, table: str
) -> None:
    assert rows(f"select count(*) from {table} where company_id = 2") != [(0,)]
    for companies in ((), (1,), (3,)):
        with database.session(*companies) as session:
            seen = session.execute(text(f"select company_id from {table}")).scalars().all()
        assert set(seen) <= set(companies)


def test_a_lookup_returns_the_company_and_the_id_and_nothing_else(filled: None, database: Database, rows: Rows) -> None:
    ((key,),) = rows("select email_key from users where company_id = 2")
    ((token,),) = rows("select token_hash from refresh_tokens")
    ((invitation,),) = rows("select token_hash from invitations")
    with database.session() as session:
        for name, value, columns in (
            ("find_login", key, ["company_id", "id"]),
            ("find_refresh_token", token, ["company_id", "session_id"]),
            ("find_invitation", invitation, ["company_id", "id"]),
        ):
            found = session.execute(text(f"select * from auth.{name}(:value)"), {"value": bytes(value)})
            assert list(found.keys()) == columns
            assert [row.company_id for row in found] == [2]
            assert session.execute(text(f"select * from auth.{name}(:value)"), {"value": b"x" * 32}).all() == []


def test_only_the_service_itself_calls_the_lookups(filled: None, database: Database, rows: Rows) -> None:
    assert {name for name, _ in rows(LOOKUPS)} >= LOOKUP_NAMES
    rights = rows(
        "select proname, prosecdef, proconfig, has_function_privilege('public', oid, 'execute') from pg_proc"
        " where pronamespace = 'auth'::regnamespace"
    )
    for name, as_owner, config, everybody in rights:
        if name == "remove_audit":
            assert (as_owner, config, everybody) == (True, ["search_path=auth, pg_temp"], False), name
        elif name in LOOKUP_NAMES:
            assert (as_owner, config, everybody) == (True, ["search_path=pg_catalog, pg_temp"], False), name
        else:
            assert not as_owner, name
    with database.relay_session() as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text("select * from auth.find_login(:key)"), {"key": b"x" * 32})


def test_the_service_cannot_change_the_lookups_or_act_as_their_owner(database: Database, made: ServiceDatabase) -> None:
    for statement in (
        f'set role "{made.roles.owner}"',
        "create or replace function auth.find_login(key bytea) returns table (company_id int, id bigint)"
        " language sql as $$ select 1, 1::bigint $$",
        "alter table auth.users no force row level security",
        "create policy everything on auth.users using (true)",
    ):
        with database.session() as session, pytest.raises(DBAPIError):
            session.execute(text(statement))
