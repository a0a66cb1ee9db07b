"""Tickets like those that people assigned to a team are proposed to it, by similarity or by a trained head."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from ai_service.adapters.local.team_matching import MAX_ENCODED_AT_ONCE, TeamMatcher
from ai_service.consumers.ticket_routed import Routed
from ai_service.domain.company import Team
from ai_service.store import companies
from eventbus.wire import body_reader
from model_kit.local import LocalEncoder
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api, Rows, World, eventually
from .test_training import training_of

THINGS = {"The VPN refuses my password": "Facilities", "My payslip is wrong": "Finance"}
STREETS = {"Alder": 7, "Birch": 8}
"""The team to which people assign a street's tickets."""
BY_LIKENESS = (8, 7)
"""The newest tickets contradict both questions: only a head trained on the street's name answers correctly."""

LABELS = "select ticket_id, label, team_id from examples where label is not null order by ticket_id"


def routed(
    world: World,
    ticket: int,
    team: int | None,
    *,
    department: str = "IT Support",
    by_person: bool = True,
    revision: int = 1,
    company: int = 1,
) -> None:
    world.send(
        "ticket.routed", subject=str(ticket), company=company, revision=revision, ticket_id=ticket,
        department=department, decided_by="person", team_id=team, team_by_person=by_person,
    )  # fmt: skip


def taught(made: ServiceDatabase, company: int = 1) -> dict[int, tuple[int, ...]]:
    with made.database.session(company) as session:
        return {team.team_id: team.assigned_tickets for team in companies.find(session, company).teams}


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


def test_a_routing_event_without_a_team_labels_only_the_department() -> None:
    old = body_reader(Routed)({"ticket_id": 1, "department": "HR", "decided_by": "person"})
    assert (old.team_id, old.team_by_person) == (None, False)


def test_a_company_has_the_newest_twenty_tickets_of_each_team(world: World, rows: Rows, made: ServiceDatabase) -> None:
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


def test_assigned_tickets_outrank_the_description(
    make_world: Callable[..., World], make_api: Callable[..., Api], rows: Rows, local: dict[str, str]
) -> None:
    world, api = make_world(**local), make_api(**local)
    world.team("created", 7, "Network", description="vpn, wifi", department=None)
    world.team("created", 8, "Night shift", description="Whoever is awake", department=None)
    eventually(lambda: len(rows("select 1 from teams")) == 2)

    def proposed(text: str) -> tuple[int | None, float]:
        result = api.call("POST", "/api/analyze", {"description": text, "company_id": 1}).json["team_assignment"]
        return result["assigned_team_id"], result["similarity_score"]

    assert proposed("wifi down")[0] == 7
    for ticket, text in enumerate(("The wifi is down again", "wifi is down on the third floor", "No wifi here"), 1):
        world.ticket(ticket, text)
        routed(world, ticket, 8)
    eventually(lambda: len(rows("select 1 from examples where team_id = 8 and text is not null")) == 3)
    team, similarity = proposed("wifi down")
    assert team == 8
    assert 0.5 < similarity <= 1.0
    assert proposed("zzz blargh")[0] is None


def test_assigned_tickets_are_encoded_once_and_a_few_at_a_time(encoder_folder: Path) -> None:
    asked: list[Sequence[int]] = []

    def texts(company: int, tickets: Sequence[int]) -> Mapping[int, str]:
        asked.append(tickets)
        return {ticket: f"The wifi is down in room {ticket}" for ticket in tickets if ticket != 3}

    encoder = LocalEncoder(encoder_folder)
    assert encoder.ready()
    matching = TeamMatcher(encoder, texts)
    teams: Any = (Team(7, "A", "", tuple(range(4, 24))), Team(8, "B", ""))
    for _ in range(3):
        found = matching.match(1, "The wifi is down in room 5", teams)
    assert found is not None
    assert (found.team_id, found.accepted) == (7, True)
    assert asked == [list(range(4, 4 + MAX_ENCODED_AT_ONCE)), list(range(4 + MAX_ENCODED_AT_ONCE, 24))]
    matching.match(2, "The wifi", (Team(7, "A", "", (1, 2)), Team(8, "B", "", (5, 6, 7))))
    assert asked[-1] == [1, 5, 2, 6, 7]  # in turns, so that no team has to do without its rivals
    # A ticket that was deleted a moment ago has no text any more.
    assert matching.match(1, "wifi", (Team(7, "A", "", (3,)), Team(8, "B", ""))) is not None


def text_of(street: str, thing: int, case: int) -> str:
    return f"{list(THINGS)[thing]}, {street} Street, case {case}."


@pytest.fixture
def two_teams(make_world: Callable[..., World], local: dict[str, str]) -> World:
    """Companies with two teams whose descriptions match no text, and their trainings on request."""
    world = make_world(**local, ANALYZE_TRAINING_THRESHOLD="1000")
    for company in (1, 2):
        world.team("created", 7, "Early birds", company=company, description="", department=None)
        world.team("created", 8, "Night owls", company=company, description="", department=None)
    return world


@pytest.fixture
def give(two_teams: World, rows: Rows) -> Callable[..., None]:
    """Return a function with which people assign 200 tickets to teams by the street in them.

    The newest forty, which likeness looks at, are about payslips in the one and about the VPN in the other street.
    They are held out, so what is learnt is that the matter says nothing.
    """

    def give(teams: Mapping[str, int], revision: int) -> None:
        for ticket in range(1, 201):
            street = list(teams)[ticket // 2 % 2]
            thing = ticket % 2 if ticket <= 160 else 1 - ticket // 2 % 2
            if revision == 1:
                # The same times in all tests, so that their trainings have equal inputs.
                at = f"2026-01-01T{ticket // 60:02}:{ticket % 60:02}:00Z"
                two_teams.ticket(ticket, text_of(street, thing, ticket), at=at)
            department = list(THINGS.values())[thing]
            routed(two_teams, ticket, teams[street], department=department, revision=revision)
        labelled = "select 1 from examples where label_revision = %s and team_id is not null and text is not null"
        eventually(lambda: len(rows(labelled, revision)) == 200)

    return give


def proposed(api: Api, text: str) -> int | None:
    question = {"description": text, "company_id": api.company}
    found: int | None = api.call("POST", "/api/analyze", question).json["team_assignment"]["assigned_team_id"]
    return found


def classify_all(api: Api) -> None:
    """Have all assigned tickets encoded, which happens a few at a time."""
    for _ in range(40 // MAX_ENCODED_AT_ONCE + 1):
        both(api)


def both(api: Api) -> tuple[int | None, int | None]:
    """Categorize a ticket about a VPN in Alder Street and one about a payslip in Birch Street."""
    return proposed(api, text_of("Alder", 0, 250)), proposed(api, text_of("Birch", 1, 251))


def test_a_training_makes_a_head_for_teams_and_the_next_tickets_get_them(
    two_teams: World, give: Callable[..., None], make_api: Callable[..., Api], local: dict[str, str]
) -> None:
    api = make_api(**local)
    give(STREETS, 1)
    classify_all(api)
    assert both(api) == BY_LIKENESS
    run = training_of(api)
    assert run["state"] == "promoted", run
    teams = run["report"]["teams"]
    assert (teams["state"], teams["examples"], teams["held_out"]) == ("used", 160, 40)
    assert teams["near_duplicates"]["evaluation"]["accuracy"] > 0.9
    [model] = api.call("GET", "/api/models").json["items"]
    assert model["teams"] == teams
    assert both(api) == (7, 8)
    assert both(Api(api.client, company=2)) == (None, None)
    two_teams.ticket(1_000, text_of("Birch", 1, 251))
    result = next(each for each in two_teams.categorized(201) if each["ticket_id"] == 1_000)
    assert result["assigned_team_id"] == 8
    assert 0.5 < result["similarity_score"] <= 1.0

    api.call("POST", "/api/models/rollback")
    assert both(api) == BY_LIKENESS
    assert api.call("POST", f"/api/models/{run['version']}/promote").json["teams"] == teams
    assert both(api) == (7, 8)


def test_where_the_head_abstains_only_a_new_team_is_proposed_by_similarity(
    two_teams: World, give: Callable[..., None], make_api: Callable[..., Api], local: dict[str, str], rows: Rows
) -> None:
    api = make_api(**local)
    give(STREETS, 1)
    training_of(api)
    about_gardens = "The hedge and the lawn of the garden want cutting"
    two_teams.team("updated", 8, "Gardens: hedges and lawns", description="", department=None, revision=2)
    eventually(lambda: rows("select 1 from teams where company_id = 1 and name like 'Gardens%%'") == [(1,)])
    assert proposed(api, about_gardens) is None
    two_teams.team("created", 9, "Gardens: hedges and lawns", description="", department=None)
    eventually(lambda: rows("select 1 from teams where company_id = 1 and team_id = 9") == [(1,)])
    two_teams.team("updated", 8, "Night owls", description="", department=None, revision=3)
    eventually(lambda: proposed(api, about_gardens) == 9)
    assert both(api) == (7, 8)


def test_the_same_departments_with_other_teams_make_the_same_model_with_another_head(
    give: Callable[..., None], make_api: Callable[..., Api], local: dict[str, str]
) -> None:
    api = make_api(**local)
    give(STREETS, 1)
    first = training_of(api)
    assert both(api) == (7, 8)
    give({"Alder": 8, "Birch": 7}, 2)
    second = training_of(api)
    assert second["version"] == first["version"]
    assert second["report"]["teams"]["near_duplicates"]["serving"]["accuracy"] < 0.1
    assert both(api) == (8, 7)


def test_a_deleted_team_is_neither_proposed_nor_trained_on(
    two_teams: World, give: Callable[..., None], make_api: Callable[..., Api], local: dict[str, str], rows: Rows
) -> None:
    api = make_api(**local)
    give(STREETS, 1)
    training_of(api)
    two_teams.team("deleted", 7, "Early birds", revision=2)
    eventually(lambda: rows("select 1 from teams where company_id = 1 and not is_active") == [(1,)])
    assert both(api)[0] != 7
    assert both(api)[1] == 8
    teams = training_of(api)["report"]["teams"]
    assert (teams["state"], teams["examples"]) == ("skipped", 80)
    assert rows("select team_head from models where serving") == [(None,)]


def test_without_a_usable_head_for_teams_similarity_decides(
    give: Callable[..., None], make_api: Callable[..., Api], made: ServiceDatabase, local: dict[str, str]
) -> None:
    give(STREETS, 1)
    training_of(make_api(**local))
    with made.admin() as connection:
        connection.cursor().execute("update models set team_head = 'no head'::bytea")
    api = make_api(**local)
    classify_all(api)
    assert both(api) == BY_LIKENESS
    assert api.categorize({"title": text_of("Alder", 0, 250), "description": ""}).json["decided_by"] == "bert"
