"""Everybody is announced again before the outbox forgets them, with the state and the revision that they have."""

from contextlib import nullcontext

import pytest
from auth_service.command_line import OPERATOR, companies, operator_of
from auth_service.settings import Settings
from auth_service.usecases import announce
from auth_service.usecases.announce import Announcements, announce_company
from click.testing import CliRunner
from service_kit.database.engine import Database

from ..conftest import Api, People, Published, Rows

DAYS = 3
FORGET = "delete from outbox returning 1"


@pytest.fixture
def acme(people: People) -> int:
    """Return the id of a company with three people, of whom one isn't active, and a team."""
    number = int(people.found().json["company"]["company_id"])
    api = people.as_caller(people.log_in().json["access_token"])
    for name in ("ben", "cleo"):
        assert api.call("POST", "/api/users", {"email": f"{name}@acme.example", "username": name, "role": "agent"})
    cleo = api.get("/api/users?q=cleo")["items"][0]["id"]
    assert api.call("PATCH", f"/api/users/{cleo}", {"is_active": False}).status_code == 200
    api.add_team("Network")
    return number


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announce, "PAGE_ROWS", 2)


def aged(rows: Rows, days: int) -> None:
    rows("update company_profiles set created_at = created_at - %s * interval '1 day' returning 1", days)
    rows("update announcements set announced_at = announced_at - %s * interval '1 day' returning 1", days)


@pytest.mark.usefixtures("small_pages")
def test_after_the_outbox_has_forgotten_everybody_is_announced_as_they_are(
    acme: int, database: Database, rows: Rows, published: Published
) -> None:
    aged(rows, 8)
    rows(FORGET)
    Announcements(database, DAYS).run()
    assert [event["company_id"] for event in published("company.updated")] == [acme]
    assert [event["name"] for event in published("team.updated")] == ["Network"]
    events = {event["username"]: event for event in published("user.updated")}
    stored = rows("select username, id, role, is_active, revision from users")
    assert {(e["username"], e["user_id"], e["role"], e["is_active"], e["revision"]) for e in events.values()} == {
        *stored
    }
    assert [events[name]["is_active"] for name in ("ada", "ben", "cleo")] == [True, True, False]


def test_a_company_is_announced_once_per_interval_and_a_young_one_not_at_all(
    acme: int, database: Database, rows: Rows
) -> None:
    rows(FORGET)
    for days, expected in ((0, 0), (DAYS + 1, 3), (0, 0), (DAYS - 1, 0), (2, 3)):
        aged(rows, days)
        Announcements(database, DAYS).run()
        assert len(rows("delete from outbox where type = 'user.updated' returning 1")) == expected, days


def test_an_announcement_that_was_killed_begins_again(
    acme: int, database: Database, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    aged(rows, 8)
    rows(FORGET)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(announce, "user_updated", killed)
        with pytest.raises(KeyboardInterrupt):
            Announcements(database, DAYS).run()
    assert rows("select count(*) from outbox where type = 'user.updated'") == [(0,)]
    Announcements(database, DAYS).run()
    assert rows("select count(*) from outbox where type = 'user.updated'") == [(3,)]


def test_a_deleted_company_is_announced_no_more(
    acme: int, people: People, database: Database, rows: Rows, published: Published
) -> None:
    admin = people.as_caller(people.log_in().json["access_token"])
    assert admin.send("DELETE", f"/api/companies/{acme}", query_string={"confirm": "Acme"}).status_code == 202
    before = len(published("%.updated"))
    aged(rows, 8)
    Announcements(database, DAYS).run()
    assert announce_company(database, acme) == 0
    assert len(published("%.updated")) == before


def test_the_operator_announces_all_companies_at_once(
    acme: int, api: Api, settings: Settings, rows: Rows, published: Published
) -> None:
    api.get("/api/companies")
    rows(FORGET)
    with operator_of(settings) as operator:
        done = CliRunner().invoke(companies, ["announce"], obj={OPERATOR: lambda: nullcontext(operator)})
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == ["company 1: 0 users announced", f"company {acme}: 3 users announced"]
    assert {event["company_id"] for event in published("company.updated")} == {1, acme}
    assert {event["username"] for event in published("user.updated")} == {"ada", "ben", "cleo"}
