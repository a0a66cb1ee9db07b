"""The hourly job deletes what has expired, in all companies, and nothing that is in use."""

import pytest
from auth_service.domain.opaque_token import token_hash
from auth_service.usecases.remove_expired import RemoveExpired
from service_kit.database.engine import Database

from ..conftest import Api, People, Rows

COUNTS = (
    "select (select count(*) from sessions), (select count(*) from refresh_tokens), (select count(*) from invitations),"
    " (select count(*) from revocations)"
)


def aged(rows: Rows, table: str, columns: str, days: int) -> None:
    """Move the times of a table's rows to the past."""
    moved = ", ".join(f"{column} = {column} - interval '{days} days'" for column in columns.split())
    assert rows(f"update {table} set {moved} returning 1")


@pytest.fixture
def newest(people: People) -> str:
    """The newest refresh token of a founder's session, the third."""
    people.found()
    first = people.log_in().json["refresh_token"]
    return str(people.refresh(people.refresh(first).json["refresh_token"]).json["refresh_token"])


def test_a_session_in_use_loses_its_old_tokens_and_lives(
    people: People, newest: str, database: Database, rows: Rows
) -> None:
    RemoveExpired(database).run()
    assert rows("select count(*) from refresh_tokens") == [(3,)]
    rows(
        "update refresh_tokens set idle_expires_at = now() - interval '2 days' where token_hash <> %s returning 1",
        token_hash(newest),
    )
    RemoveExpired(database).run()
    assert rows("select count(*) from refresh_tokens") == [(1,)]
    assert people.refresh(newest).status_code == 200


def test_ended_sessions_and_closed_invitations_stay_for_a_month(
    people: People, newest: str, api: Api, database: Database, rows: Rows
) -> None:
    assert people.post("/api/auth/logout", {"refresh_token": newest}).status_code == 204
    api.call("POST", "/api/invitations", {"email": "ben@acme.example", "role": "agent"})
    aged(rows, "sessions", "created_at ended_at", 29)
    aged(rows, "invitations", "expires_at", 36)
    RemoveExpired(database).run()
    assert rows(COUNTS) == [(1, 3, 1, 1)]
    aged(rows, "sessions", "created_at ended_at", 2)
    aged(rows, "invitations", "expires_at", 2)
    aged(rows, "revocations", "revoked_at", 1)
    RemoveExpired(database).run()
    assert rows(COUNTS) == [(0, 0, 0, 0)]


def test_sign_ins_and_requests_for_addresses_go_when_they_are_over(
    people: People, newest: str, database: Database, rows: Rows
) -> None:
    [(company, user)] = rows("select company_id, id from users")
    connection = "7d444840-9dc0-51d1-b245-5ffdce74fad2"
    rows(
        "insert into sso_connections (company_id, id, name, issuer, client_id, scopes, domains, create_users,"
        " verified_claim, is_active) values (%s, %s, 'N', 'https://i', 'c', '{openid}', '{a.b}', true,"
        " 'email_verified', true) returning 1",
        company,
        connection,
    )
    for minutes in (-5, 5):
        moment = (f"{minutes}", f"{minutes} minutes")
        rows(
            "insert into sso_attempts (company_id, connection_id, state_hash, browser_hash, expires_at)"
            " values (%s, %s, sha256(%s), sha256('b'), now() + %s::interval) returning 1",
            *(company, connection, *moment),
        )
        rows(
            "insert into sso_codes (company_id, user_id, code_hash, browser_hash, expires_at)"
            " values (%s, %s, sha256(%s), sha256('b'), now() + %s::interval) returning 1",
            *(company, user, *moment),
        )
    rows(
        "insert into email_changes (company_id, user_id, email, email_key, old_email_key, requested_at)"
        " values (%s, %s, 'new@acme.example', sha256('n'), sha256('o'), now() - interval '9 days') returning 1",
        *(company, user),
    )
    RemoveExpired(database).run()
    counts = "select (select count(*) from sso_attempts), (select count(*) from sso_codes), count(*) from email_changes"
    assert rows(counts) == [(1, 1, 0)]


def test_the_job_runs_once_an_hour(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = []
    monkeypatch.setattr(RemoveExpired, "run", lambda _self: runs.append(1))
    job = RemoveExpired(database)
    for _ in range(5):
        job.run_when_due()
    assert len(runs) == 1
