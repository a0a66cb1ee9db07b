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


def test_the_job_runs_once_an_hour(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = []
    monkeypatch.setattr(RemoveExpired, "run", lambda _self: runs.append(1))
    job = RemoveExpired(database)
    for _ in range(5):
        job.run_when_due()
    assert len(runs) == 1
