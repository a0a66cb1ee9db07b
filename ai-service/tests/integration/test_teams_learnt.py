"""People give tickets to teams, and the next one like them is proposed to the same team."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from ai_service.adapters.local.encoder import LocalEncoder
from ai_service.adapters.local.teams import READ_AT_ONCE, TeamMatching
from ai_service.consumers.ticket_routed import Routed
from ai_service.domain.company import Team
from ai_service.store import companies
from service_kit.messaging.view import reader
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api, Rows, World, eventually

LABELS = "select ticket_id, label, team_id from examples where label is not null order by ticket_id"


def routed(
    world: World, ticket: int, team: int | None, *, by_person: bool = True, revision: int = 1, company: int = 1
) -> None:
    world.send(
        "ticket.routed", subject=str(ticket), company=company, revision=revision, ticket_id=ticket,
        department="IT Support", decided_by="person", team_id=team, team_by_person=by_person,
    )  # fmt: skip


def taught(made: ServiceDatabase, company: int = 1) -> dict[int, tuple[int, ...]]:
    with made.database.session(company) as session:
        return {team.team_id: team.given for team in companies.find(session, company).teams}


@pytest.fixture
def local(encoder_folder: Path) -> dict[str, str]:
    return {"MODELS_DIR": str(encoder_folder.parent)}


def test_the_team_a_person_chose_is_kept_with_the_label_and_the_latest_counts(
    world: World, rows: Rows, made: ServiceDatabase
) -> None:
    world.team("created", 7, "Network")
    world.team("created", 8, "Desk")
    for ticket in (1, 2, 3):
        world.ticket(ticket, f"Ticket {ticket}")
    world.categorized(3)
    routed(world, 1, 8, revision=2)
    routed(world, 1, 7, revision=1)
    routed(world, 2, 7, by_person=False)
    routed(world, 3, 8)
    eventually(lambda: len(rows(LABELS)) == 3)
    assert rows(LABELS) == [(1, "IT Support", 8), (2, "IT Support", None), (3, "IT Support", 8)]
    eventually(lambda: len(taught(made)) == 2)
    assert set(taught(made)[8]) == {1, 3}
    assert taught(made)[7] == ()
    routed(world, 3, None, revision=2)
    world.send("ticket.deleted", subject="1", ticket_id=1)
    eventually(lambda: rows(LABELS) == [(2, "IT Support", None), (3, "IT Support", None)])
    assert taught(made) == {7: (), 8: ()}


def test_a_routing_from_before_teams_were_told_teaches_the_department_alone() -> None:
    old = reader(Routed)({"ticket_id": 1, "department": "HR", "decided_by": "person"})
    assert (old.team_id, old.team_by_person) == (None, False)


def test_the_newest_twenty_tickets_of_each_team_are_told_newest_first_and_to_no_other_company(
    world: World, rows: Rows, made: ServiceDatabase
) -> None:
    world.team("created", 7, "Network")
    world.team("created", 7, "Network", company=2)
    for ticket in range(1, 26):
        world.ticket(ticket, f"Ticket {ticket}")
    world.categorized(25)
    for ticket in range(1, 26):
        routed(world, ticket, 7)
        eventually(lambda so_far=ticket: len(rows(LABELS)) == so_far)
    assert taught(made)[7] == tuple(range(25, 5, -1))
    assert taught(made, company=2) == {7: ()}


def test_what_people_chose_outranks_the_description(
    make_world: Callable[..., World], make_api: Callable[..., Api], rows: Rows, local: dict[str, str]
) -> None:
    world, api = make_world(**local), make_api(**local)
    world.team("created", 7, "Network", description="vpn, wifi", department=None)
    world.team("created", 8, "Night shift", description="Whoever is awake", department=None)
    eventually(lambda: len(rows("select 1 from teams")) == 2)

    def proposed(text: str) -> tuple[int | None, float]:
        said = api.call("POST", "/api/analyze", {"description": text, "company_id": 1}).json["team_assignment"]
        return said["assigned_team_id"], said["similarity_score"]

    assert proposed("wifi down")[0] == 7
    for ticket, text in enumerate(("The wifi is down again", "wifi is down on the third floor", "No wifi here"), 1):
        world.ticket(ticket, text)
        routed(world, ticket, 8)
    eventually(lambda: len(rows("select 1 from examples where team_id = 8 and text is not null")) == 3)
    team, similarity = proposed("wifi down")
    assert team == 8
    assert 0.5 < similarity <= 1.0
    assert proposed("zzz blargh")[0] is None


def test_what_people_decided_is_read_a_few_tickets_at_a_time_and_once(encoder_folder: Path) -> None:
    asked: list[Sequence[int]] = []

    def texts(company: int, tickets: Sequence[int]) -> Mapping[int, str]:
        asked.append(tickets)
        return {ticket: f"The wifi is down in room {ticket}" for ticket in tickets if ticket != 3}

    encoder = LocalEncoder(encoder_folder)
    assert encoder.ready()
    matching = TeamMatching(encoder, texts)
    teams: Any = (Team(7, "A", "", tuple(range(4, 24))), Team(8, "B", ""))
    for _ in range(3):
        found = matching.match(1, "The wifi is down in room 5", teams)
    assert found is not None
    assert (found.team_id, found.believed) == (7, True)
    assert asked == [list(range(4, 4 + READ_AT_ONCE)), list(range(4 + READ_AT_ONCE, 24))]
    # A ticket that was deleted a moment ago has no text any more.
    assert matching.match(1, "wifi", (Team(7, "A", "", (3,)), Team(8, "B", ""))) is not None
