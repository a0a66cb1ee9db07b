"""The operator adds people, lists them and lets them in again, without an account."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from auth_service.api.fields import email_key
from auth_service.command_line import OPERATOR, operator_of, users
from auth_service.domain.user import MACHINE_DOMAIN, EmailTaken
from auth_service.settings import Settings
from auth_service.usecases.operate import Operator
from click.testing import CliRunner, Result
from service_kit.database.engine import Database
from service_kit.testing.postgres import ServiceDatabase

PASSWORD = "seven small blue boats"


@pytest.fixture
def operator(settings: Settings, database: Database) -> Iterator[Operator]:
    with operator_of(settings) as operator:
        yield operator


def command(operator: Operator, *words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(users, list(words), obj={OPERATOR: lambda: nullcontext(operator)}, input=typed)


def added(operator: Operator, email: str, role: str, name: str = "Ada") -> Any:
    key = email_key(email)
    return operator.add_user(email=email, email_key=key, username=name, role=role, password=PASSWORD)


def test_the_first_admin_logs_in_with_the_password_that_the_command_prints(
    operator: Operator, people: Any, published: Any
) -> None:
    done = command(operator, "add", "ada@desk.example")
    assert done.exit_code == 0, done.output
    password = done.output.splitlines()[-1].removeprefix("password: ")
    body = people.log_in("ada@desk.example", password).json
    assert (body["user"]["role"], body["user"]["username"]) == ("admin", "ada")
    assert people.as_caller(body["access_token"]).get("/api/users")["count"] == 1
    assert [event["role"] for event in published("user.created")] == ["admin"]


def test_a_password_of_ones_own_is_read_and_never_printed(operator: Operator, people: Any) -> None:
    added(operator, "ada@desk.example", "admin")
    words = ("add", "ben@desk.example", "--role", "agent", "--name", "Ben B.", "--password-stdin")
    done = command(operator, *words, typed=PASSWORD + "\n")
    assert done.exit_code == 0, done.output
    assert PASSWORD not in done.output
    assert people.log_in("ben@desk.example").json["user"]["username"] == "Ben B."


def test_the_first_person_is_an_admin_and_the_next_an_agent_unless_a_role_is_named(operator: Operator) -> None:
    refused = command(operator, "add", "ada@desk.example", "--role", "agent")
    assert (refused.exit_code, "the first person must be one" in refused.output) == (1, True)
    shown = [
        command(operator, "add", *words).output.splitlines()[0]
        for words in (("ada@desk.example",), ("ben@desk.example",), ("cyd@desk.example", "--role", "admin"))
    ]
    assert shown == [
        "ada@desk.example is admin of company 1",
        "ben@desk.example is agent of company 1",
        "cyd@desk.example is admin of company 1",
    ]
    assert "first person must be an admin" in " ".join(command(operator, "add", "--help").output.split())


@pytest.mark.parametrize(
    ("words", "typed", "reason"),
    [
        (("add", "no address"), None, "not a valid e-mail address"),
        (("add", "eve@desk.smart-ticket.internal"), None, "reserved for the programs"),
        (("add", "eve@desk.example", "--password-stdin"), "short\n", "Shorter than 12"),
        (("add", "eve@desk.example", "--password-stdin"), "", "Shorter than 12"),
        (("add", "ADA@desk.example", "--name", "Other"), None, "has an account already"),
        (("add", "other@desk.example", "--name", "ada"), None, "has that name already"),
        (("add", "eve@desk.example", "--role", "root"), None, "Invalid value"),
        (("reset-link", "nobody@desk.example"), None, "nobody here logs in"),
    ],
)
def test_what_can_not_be_done_is_one_sentence(
    operator: Operator, rows: Any, words: tuple[str, ...], typed: str | None, reason: str
) -> None:
    added(operator, "ada@desk.example", "admin")
    done = command(operator, *words, typed=typed)
    assert done.exit_code != 0
    assert reason in done.output
    assert "Traceback" not in done.output
    assert rows("select count(*) from users") == [(1,)]


def test_the_list_shows_everybody_beyond_a_page(operator: Operator) -> None:
    for number in range(101):
        user = operator.add_user(
            email=f"p{number}@desk.example", email_key=email_key(f"p{number}@desk.example"), username=f"P{number}",
            role="agent", password=None,
        )  # fmt: skip
    assert user.role == "agent"
    lines = command(operator, "list").output.splitlines()
    assert len(lines) == 101
    assert "p0@desk.example" in lines[0]
    assert "never" in lines[0]


def test_a_reset_link_sets_a_new_password_once(operator: Operator, people: Any) -> None:
    added(operator, "ada@desk.example", "admin")
    done = command(operator, "reset-link", "Ada@desk.example")
    assert done.exit_code == 0, done.output
    token = next(line.split()[-1] for line in done.output.splitlines() if "token: " in line)
    body = {"token": token, "new_password": "nine large green ships"}
    assert people.post("/api/auth/password/reset", body).status_code == 204
    assert people.post("/api/auth/password/reset", body).status_code == 400
    assert people.log_in("ada@desk.example", "nine large green ships").status_code == 200
    assert people.log_in("ada@desk.example", PASSWORD).status_code == 401


def test_the_account_of_a_program_gets_no_password_and_is_no_companys_last_admin(
    operator: Operator, people: Any, rows: Any
) -> None:
    machine = operator.add_user(
        email=f"command-line@{MACHINE_DOMAIN}", email_key=email_key(f"command-line@{MACHINE_DOMAIN}"),
        username="Command line", role="admin", password=None,
    )  # fmt: skip
    ada = added(operator, "ada@desk.example", "admin")
    caller = people.as_caller(people.log_in("ada@desk.example", PASSWORD).json["access_token"])
    assert command(operator, "reset-link", machine.email).exit_code == 1
    refused = caller.call("POST", f"/api/users/{machine.id}/password-reset", {})
    assert (refused.status_code, rows("select count(*) from password_resets")) == (409, [(0,)])
    demoted = caller.call("PATCH", f"/api/users/{ada.id}", {"role": "agent"})
    assert (demoted.status_code, demoted.json["code"]) == (409, "last_admin")
    assert caller.call("DELETE", f"/api/users/{machine.id}").status_code == 204


def test_the_operator_ends_and_restores_an_account_the_last_admins_too(operator: Operator, people: Any) -> None:
    ada = added(operator, "ada@desk.example", "admin")
    token = people.log_in("ada@desk.example", PASSWORD).json["refresh_token"]
    operator.set_active(ada, active=False)
    assert people.log_in("ada@desk.example", PASSWORD).status_code == 401
    assert people.refresh(token).status_code == 401
    operator.set_active(ada, active=True)
    assert people.log_in("ada@desk.example", PASSWORD).status_code == 200


def test_a_person_of_another_company_is_nobody_here(operator: Operator, people: Any) -> None:
    assert people.found("olga@other.example", "Other").status_code == 201
    assert command(operator, "reset-link", "olga@other.example").exit_code != 0
    assert "olga" not in command(operator, "list").output
    with pytest.raises(EmailTaken):
        added(operator, "olga@other.example", "admin")


def test_the_key_of_the_command_line_has_every_scope_and_replaces_the_one_before(operator: Operator, rows: Any) -> None:
    user = added(operator, "ada@desk.example", "admin")
    first, second = operator.new_key(user), operator.new_key(user)
    assert first != second
    assert rows("select count(*) from api_keys where revoked_at is null") == [(1,)]
    assert rows("select kind from revocations") == [("key",)]
    (scopes,) = rows("select scopes from api_keys where revoked_at is null")[0]
    assert {"tickets:read", "tickets:write", "dead-letters:write", "refill:write", "training:write"} <= set(scopes)
    assert not {"api-keys:write", "users:write", "auth:write"} & set(scopes)


def test_in_a_container_the_commands_take_the_settings_of_the_service(
    made: ServiceDatabase, database: Database, people: Any, tmp_path: Path
) -> None:
    settings = {"DATABASE_URL": made.url, "RELAY_DATABASE_URL": made.relay_url, "RUNTIME_DIR": str(tmp_path)}
    settings |= {"SMARTTICKET_ENV": "development", "PATH": os.environ["PATH"]}

    def run(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "auth_service.command_line", *words]
        return subprocess.run(
            command, env=settings | more, cwd=tmp_path, capture_output=True, text=True, input=PASSWORD, timeout=120,
            check=False,
        )  # fmt: skip

    done = run("add", "ada@desk.example", "--password-stdin")
    assert done.returncode == 0, done.stderr
    assert people.log_in("ada@desk.example", PASSWORD).status_code == 200
    refused = run("list", SMARTTICKET_ENV="production")
    assert refused.returncode == 1
    assert "AUTH_KEY_SECRET" in refused.stderr
    assert "Traceback" not in refused.stderr
