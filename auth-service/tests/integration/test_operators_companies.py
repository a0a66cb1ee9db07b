"""The operator lists companies and deletes one, without an account."""

import socket
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from auth_service import service
from auth_service.command_line import OPERATOR, companies, operator_of
from auth_service.settings import Settings
from auth_service.usecases.operate import Operator
from click.testing import CliRunner, Result
from flask import Flask
from service_kit.database.engine import Database
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from ..conftest import Api, People, Published, Rows

NAME = "Acme & Søns"


@pytest.fixture
def operator(settings: Settings, database: Database) -> Iterator[Operator]:
    with operator_of(settings) as operator:
        yield operator


@pytest.fixture
def acme(people: People) -> int:
    """Return the id of a company with one user."""
    return int(people.found(company=NAME).json["company"]["company_id"])


def command(operator: Operator, *words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(companies, list(words), obj={OPERATOR: lambda: nullcontext(operator)}, input=typed)


def deleted(rows: Rows) -> list[int]:
    return [number for (number,) in rows("select id from deleted_companies order by id")]


def test_the_list_shows_every_company_with_its_users(operator: Operator, api: Api, acme: int, people: People) -> None:
    assert api.get("/api/companies")["count"] == 1
    people.found("olga@other.example", "Other")
    done = command(operator, "list")
    assert done.exit_code == 0, done.output
    demo, first, second = done.output.splitlines()
    assert "Demo company  (the operator's)" in demo
    assert first.split() == [str(acme), "1", "user", "since", *first.split()[4:5], *NAME.split()]
    assert second.endswith("Other")


def test_names_that_look_alike_are_marked_in_the_list(operator: Operator, api: Api, people: People) -> None:
    api.get("/api/companies")
    for number, name in enumerate(["Acme", "Other", "\u0410CM\u0415"]):
        people.found(f"p{number}@x.example", name)
    done = command(operator, "list")
    assert done.exit_code == 0, done.output
    demo, acme, other, alike = done.output.splitlines()
    assert "looks like" not in demo + other
    assert acme.endswith("Acme  (looks like 4)")
    assert alike.endswith("  (looks like 2)")


@pytest.mark.parametrize("by_id", [True, False])
def test_a_company_is_deleted_by_its_name_or_id_after_its_name_is_typed(
    operator: Operator, acme: int, people: People, rows: Rows, published: Published, by_id: bool
) -> None:
    done = command(operator, "delete", str(acme) if by_id else NAME, typed=f"{NAME}\n")
    assert done.exit_code == 0, done.output
    assert deleted(rows) == [acme]
    assert people.log_in().status_code == 401
    (event,) = published("company.deleted")
    assert (event["company_id"], event["actor"]) == (acme, "operator")
    assert NAME not in command(operator, "list").output
    again = command(operator, "delete", str(acme), "--yes")
    assert (again.exit_code, "there is no company" in again.stderr) == (1, True)


def test_yes_asks_nothing(operator: Operator, acme: int, rows: Rows) -> None:
    done = command(operator, "delete", NAME, "--yes")
    assert (done.exit_code, "Type its name" in done.output) == (0, False)
    assert deleted(rows) == [acme]


@pytest.mark.parametrize(
    ("words", "typed", "reason"),
    [
        ((NAME,), "acme & søns\n", "that is not its name"),
        ((NAME,), "yes\n", "that is not its name"),
        ((NAME,), "", "Aborted"),
        (("acme & søns",), f"{NAME}\n", "there is no company"),
        (("99999", "--yes"), None, "there is no company 99999"),
        (("-7", "--yes"), None, "No such option"),
        (("Demo company", "--yes"), None, "can't be deleted"),
        ((), None, "Missing argument"),
    ],
)
def test_what_is_not_confirmed_or_not_there_deletes_nothing(
    operator: Operator, api: Api, acme: int, rows: Rows, words: tuple[str, ...], typed: str | None, reason: str
) -> None:
    assert api.get("/api/companies")["count"] == 1  # the demo company is registered
    done = command(operator, "delete", *words, typed=typed)
    assert done.exit_code != 0
    assert reason in done.stderr
    assert "Traceback" not in done.output
    assert deleted(rows) == []


def test_a_name_that_several_have_deletes_none_and_the_ids_are_shown(
    operator: Operator, acme: int, people: People, rows: Rows
) -> None:
    other = people.found("olga@other.example", NAME).json["company"]["company_id"]
    done = command(operator, "delete", NAME, "--yes")
    assert done.exit_code == 1
    assert f"{acme} " in done.stderr
    assert f"{other} " in done.stderr
    assert deleted(rows) == []
    assert command(operator, "delete", str(other), "--yes").exit_code == 0
    assert deleted(rows) == [other]


def test_digits_are_an_id_though_another_company_is_called_so(
    operator: Operator, acme: int, people: People, rows: Rows
) -> None:
    assert people.found("olga@other.example", str(acme)).status_code == 201
    assert command(operator, "delete", str(acme), "--yes").exit_code == 0
    assert deleted(rows) == [acme]


def test_who_deleted_a_company_can_be_read_after_everything_of_it_is_gone(
    operator: Operator, app: Flask, settings: Settings, acme: int, people: People, rows: Rows
) -> None:
    people.found("olga@other.example", "Other")
    olga = people.as_caller(people.log_in("olga@other.example").json["access_token"])
    olga.address = "203.0.113.7"
    answer = olga.send("DELETE", f"/api/companies/{olga.company}", query_string={"confirm": "Other"})
    assert answer.status_code == 202
    assert command(operator, "delete", NAME, "--yes").exit_code == 0
    rows("update deleted_companies set deleted_at = deleted_at - interval '31 minutes' returning id")
    service.maintenance(settings, app.extensions["service_kit"].dependencies)()
    done = command(operator, "deleted")
    assert done.exit_code == 0, done.output
    theirs, acmes = done.output.splitlines()
    assert theirs.split()[0] == str(olga.company)
    assert f"by {olga.subject} from 203.0.113.7  removed: 20" in theirs
    assert f"request {answer.headers['X-Request-ID']}" in theirs
    assert acmes.split()[0] == str(acme)
    assert f"by operator from {socket.gethostname()}  removed: 20" in acmes
    assert "olga" not in done.output


def test_an_api_key_that_deleted_a_company_is_named(operator: Operator, acme: int, people: People) -> None:
    program = people.as_caller(people.log_in().json["access_token"])
    program.api_key, program.scopes = "k7", frozenset({"companies:write"})
    assert program.send("DELETE", f"/api/companies/{acme}", query_string={"confirm": NAME}).status_code == 202
    assert f"by {program.subject} with API key k7 from an unknown address" in command(operator, "deleted").output


def test_the_service_can_not_change_who_deleted_a_company(operator: Operator, acme: int, database: Database) -> None:
    assert command(operator, "delete", NAME, "--yes").exit_code == 0
    for statement in ("update company_deletions set actor = 'nobody'", "delete from company_deletions"):
        with database.session(acme) as session, pytest.raises(ProgrammingError, match="permission denied"):
            session.execute(text(statement))
