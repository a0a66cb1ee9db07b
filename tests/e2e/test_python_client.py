"""The Python client against the real system: the README's examples, the client's own, and its credentials."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from smartticket_client import Client, Forbidden, Login, Rows, Unauthorized
from smartticket_client.generated.resources import OPERATIONS

from tests.e2e.test_documents_run_as_printed import blocks, curls
from tests.stack import ROOT, eventually

from .one_machine import RunningMachine

README = ROOT / "README.md"
CLIENT_README = ROOT / "clients" / "python" / "README.md"
MANY = 120
"""More items of a job than a page shows."""
HEREDOC = re.compile(r"<<'END'\n(.*?)^END$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def url(machine: RunningMachine) -> str:
    """A system where no curl was run: the documents speak of ticket 1, and their examples can't be run twice."""
    with Client(machine.url) as made:
        made.tickets.create(title="VPN", description="It drops.", user_name="Ann", user_email="ann@company.example")
        eventually(lambda: made.tickets.get(1)["department"], bool)
    return machine.url


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    with Client(url) as made:
        yield made


class Curl:
    """A curl command as the call of the API that it makes."""

    def __init__(self, command: str) -> None:
        self.method, self.json, self.form, self.url = "GET", {}, {}, ""
        here = HEREDOC.search(command)
        words = iter(shlex.split(HEREDOC.sub("", command).replace("\\\n", " "))[1:])
        for word in words:
            if word == "-X":
                self.method = next(words)
            elif word == "-d":
                self.json = json.loads(next(words))
            elif word == "-F":
                name, _, value = next(words).partition("=")
                filename = value.partition("filename=")[2]
                assert here is not None, "the files of the examples are in them"
                self.form[name] = (filename, here[1].encode())
                self.method = "POST"
            elif word == "-H":
                next(words)
            elif not word.startswith("-"):
                self.url = word
        where = urlsplit(self.url)
        self.path, self.query = where.path, parse_qs(where.query)

    def call(self, client: Client) -> Any:
        """Make the same call by the client's method for it."""
        for (method, template), (group, name) in sorted(OPERATIONS.items(), key=lambda each: "{" in each[0][1]):
            pattern = re.sub(r"\{\w+\}", "([^/]+)", template.replace(".", r"\."))
            match = re.fullmatch(pattern, self.path)
            if match and method == self.method:
                found = getattr(getattr(client, group), name)(
                    *map(unquote, match.groups()), **self.query, **self.json, **self.form
                )
                return list(found) if isinstance(found, Rows | Iterator) else found
        raise AssertionError(f"the client has no method for {self.method} {self.path}")


COMMANDS = [command for script in curls(README) for command in re.split(r"\n(?=curl )", script.strip())]
EXAMPLES = [command for command in COMMANDS if "/auth/" not in command]
"""The logins of the README belong together; the client's own are tested below."""


@pytest.mark.parametrize("command", EXAMPLES)
def test_an_example_of_the_readme(client: Client, command: str) -> None:
    assert Curl(command).call(client) is not None


def test_the_readme_has_examples() -> None:
    assert len(EXAMPLES) >= 15


def test_the_examples_of_the_client_s_readme_run_as_printed(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scripts = list(blocks(CLIENT_README, "python"))
    assert len(scripts) >= 6
    names: dict[str, Any] = {}
    for script in scripts:
        exec(script.replace("http://localhost:5000", url), names)
    assert names["item"]["problem"]["errors"][0]["field"] == "user_email"
    assert names["event"] == "final"
    orders = [ticket for ticket in names["client"].tickets.list() if ticket["title"] == "Order 4711"]
    assert len(orders) == 1


def test_a_login_and_a_key_of_a_person(client: Client, url: str) -> None:
    password = "seven small blue boats"
    client.users.create(email="cleo@example.org", username="Cleo", role="agent", password=password)
    login = Login("cleo@example.org", password)
    with Client(url, login=login) as person:
        assert person.me.get()["email"] == "cleo@example.org"
        login._ends_at = 0.0  # as if the access token were about to end
        assert person.me.get()["email"] == "cleo@example.org"
        made = person.api_keys.create(name="export", scopes=["tickets:read"])
        with Client(url, api_key=made["key"]) as program:
            assert program.tickets.get(1)["id"] == 1
            with pytest.raises(Forbidden) as refused:
                program.tickets.update(1, priority="high")
            assert refused.value.code == "scope_missing"
    for wrong in ({"login": Login("cleo@example.org", "wrong " + password)}, {"api_key": "stk_unknown"}):
        with Client(url, **wrong) as stranger, pytest.raises(Unauthorized):
            stranger.me.get()


def test_a_large_job_is_done_by_the_running_system(client: Client) -> None:
    tickets = [
        {"title": f"Bulk {number}", "description": "d", "user_name": "Ann", "user_email": "ann@company.example"}
        for number in range(MANY)
    ]
    job = client.wait_for_job(client.tickets.create_many(tickets=tickets)["id"])
    assert (job["state"], job["counts"]["succeeded"]) == ("done", MANY)
    numbers = [item["ticket_id"] for item in client.jobs.items(job["id"], limit=100)]
    assert len(set(numbers)) == MANY
    change = client.tickets.update_many(ids=numbers, change={"department": "HR", "status": "on_hold"})
    assert client.wait_for_job(change["id"])["counts"]["succeeded"] == MANY
    eventually(lambda: client.tickets.get(numbers[-1])["department"], lambda name: name == "HR")
    assert client.tickets.get(numbers[0])["status"] == "on_hold"
