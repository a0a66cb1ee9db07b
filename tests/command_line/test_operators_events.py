"""`smart-ticket dead-letters` and `trace` on the machine of the system: what the operator sees of all companies."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result
from launcher.commands.dead_letters import dead_letters
from launcher.commands.diagnose import doctor
from launcher.commands.tracing import trace
from launcher.events import GatewayEvents, OperatorEvents
from service_kit.testing.fixtures import ServiceDatabaseFactory
from service_kit.testing.postgres import ServiceDatabase

from .desk import Desk

PARKED = (
    "insert into parked (queue, event_id, company_id, subject, type, body, reason, state)"
    " values ('kit.things', 'event-' || %(company)s, %(company)s, %(subject)s, 'thing.made', 'body', 'broken', 'dead')"
)


@pytest.fixture
def kit(service_database: ServiceDatabaseFactory) -> ServiceDatabase:
    """A service's schema with a dead letter of company 1 and one of company 7."""
    made = service_database("kit", "service_kit.testing.migrations")
    made.clean()
    with made.admin() as connection, connection.cursor() as cursor:
        for company in (1, 7):
            cursor.execute(PARKED, {"company": company, "subject": str(company * 100)})
    return made


def run(kit: ServiceDatabase, command: Any, *words: str) -> Result:
    events = OperatorEvents({"kit-service": kit.database})
    return CliRunner(env={"COLUMNS": "200"}).invoke(
        command, words, obj={"events": lambda: events, "gateway": Healthy()}
    )


class Healthy:
    """A gateway whose system is healthy."""

    def get(self, *_: Any, **__: Any) -> Any:
        return {"services": {}}

    def send(self, *_: Any) -> Any:
        return type("Response", (), {"text": ""})


def test_the_operator_sees_the_dead_letters_of_all_companies_and_whose_they_are(kit: ServiceDatabase) -> None:
    done = run(kit, dead_letters, "list")
    assert done.exit_code == 0, done.output
    rows = [[cell.strip() for cell in line.split("│")[1:4]] for line in done.output.splitlines() if "│" in line]
    assert rows == [["7", "kit-service", "2"], ["1", "kit-service", "1"]]


def test_a_list_can_be_that_of_one_company(kit: ServiceDatabase) -> None:
    done = run(kit, dead_letters, "list", "--company", "7")
    assert "1 dead or waiting" in done.output
    assert "700" in done.output


def test_a_list_that_ends_before_the_last_one_says_so(kit: ServiceDatabase) -> None:
    assert "1+ dead or waiting" in run(kit, dead_letters, "list", "--limit", "1").output


def test_a_dead_letter_of_another_company_is_shown_replayed_and_discarded(kit: ServiceDatabase) -> None:
    letter = json.loads(run(kit, dead_letters, "show", "kit-service", "2").output)
    assert (letter["company_id"], letter["body"]) == (7, "body")
    assert run(kit, dead_letters, "replay", "kit-service", "2").exit_code == 0
    assert kit.rows("select state from parked where company_id = 7") == [("waiting",)]
    assert run(kit, dead_letters, "discard", "kit-service", "2", "--reason", "a test").exit_code == 0
    assert kit.rows("select company_id from parked") == [(1,)]
    actions = kit.rows("select company_id, action, actor, reason from parked_actions order by id")
    assert actions == [(7, "replayed", "operator", ""), (7, "discarded", "operator", "a test")]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (("show", "kit-service", "99"), "kit-service has no dead letter 99"),
        (("replay", "kit-service", "99"), "kit-service has no dead letter 99"),
        (("discard", "kit-service", "1", "--reason", " "), "1 to 500 characters"),
        (("list", "--service", "nobody"), "there is no service nobody"),
    ],
)
def test_what_is_missing_is_named(kit: ServiceDatabase, words: tuple[str, ...], shown: str) -> None:
    done = run(kit, dead_letters, *words)
    assert (done.exit_code, shown in done.output) == (1, True)
    assert kit.rows("select count(*) from parked") == [(2,)]


def test_a_ticket_of_any_company_can_be_traced(kit: ServiceDatabase) -> None:
    assert "given up by kit.things" in run(kit, trace, "700").output
    assert run(kit, trace, "700", "--company", "7").exit_code == 0
    refused = run(kit, trace, "700", "--company", "1")
    assert (refused.exit_code, "no service has an event of ticket 700" in refused.output) == (1, True)


def test_doctor_counts_the_dead_letters_of_all_companies(kit: ServiceDatabase) -> None:
    assert "2 dead letters of companies [1, 7]" in run(kit, doctor).output


def test_by_the_api_a_company_can_not_be_chosen() -> None:
    done = CliRunner().invoke(dead_letters, ["list", "--company", "7"], obj={"events": lambda: GatewayEvents(Desk())})
    assert (done.exit_code, "--company is for the operator" in done.output) == (1, True)
