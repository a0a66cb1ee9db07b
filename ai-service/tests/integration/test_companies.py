"""Companies change their automation settings and their teams."""

from collections.abc import Callable

import pytest
from ai_service.adapters.claude.testing import MessagesApi
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import text

from ..conftest import Api, Rows, World, eventually

SWITCHES = "select auto_categorize, auto_prioritize, auto_assign, revision from company_switches order by company_id"


def test_with_auto_categorize_off_a_ticket_waits_for_a_person_and_no_model_is_asked(
    make_world: Callable[..., World], make_api: Callable[..., Api], claude: MessagesApi, rows: Rows
) -> None:
    settings = {"ANTHROPIC_API_KEY": "sk-ant-test", "ANTHROPIC_BASE_URL": claude.url}
    world = make_world(**settings)
    world.company("updated", revision=2, auto_categorize=False)
    eventually(lambda: bool(rows(SWITCHES)))
    world.ticket(1, "vpn password", description="URGENT")
    (result,) = world.categorized()
    assert (result["department"], result["confidence_score"], result["need_admin"]) == ("General", 0, True)
    assert (result["decided_by"], result["category"], result["model"]) == ("nobody", "back", None)
    assert "auto_categorize is off" in result["reason"]
    # Its priority is another switch's.
    assert (result["priority"], result["priority_reason"]) == ("urgent", "urgency: urgent")
    assert rows("select decided_by, priority_reason from predictions") == [("nobody", "urgency: urgent")]
    assert claude.requests == []
    assert rows("select count(*) from answers") == [(0,)]

    # A person who asks is answered all the same, and what was not read before was not cached either.
    asked = make_api(**settings).categorize({"title": "vpn password", "description": "URGENT"}).json
    assert (asked["decided_by"], asked["cached"]) == ("claude", False)
    world.ticket(2, "vpn password", description="URGENT")
    assert world.categorized(2)[-1]["decided_by"] == "nobody"

    world.company("updated", revision=3)
    eventually(lambda: rows(SWITCHES)[0][0])
    world.ticket(3, "vpn password", description="URGENT")
    assert world.categorized(3)[-1]["decided_by"] == "claude"


def test_automation_settings_hold_for_one_company(world: World, rows: Rows) -> None:
    world.company("updated", company=7, auto_categorize=False)
    eventually(lambda: bool(rows(SWITCHES)))
    world.ticket(1, "vpn", company=7)
    world.ticket(2, "vpn", company=8)
    assert {each["company_id"]: each["decided_by"] for each in world.categorized(2)} == {7: "nobody", 8: "keywords"}


def test_without_general_unclassified_tickets_wait_at_the_first_department(world: World, rows: Rows) -> None:
    world.company("updated", auto_categorize=False)
    world.department("updated", 5, "General", is_active=False)
    eventually(lambda: bool(rows(SWITCHES)) and bool(rows("select 1 from departments")))
    world.ticket(1, "vpn")
    (result,) = world.categorized()
    assert (result["department"], result["decided_by"], result["need_admin"]) == ("IT Support", "nobody", True)


@pytest.mark.parametrize("came_with", ["low", "medium", "high", "urgent"])
def test_with_auto_prioritize_off_a_ticket_keeps_the_priority_it_came_with(
    world: World, rows: Rows, came_with: str
) -> None:
    world.company("updated", auto_prioritize=False)
    eventually(lambda: bool(rows(SWITCHES)))
    world.ticket(1, "vpn password", description="URGENT outage for everyone", priority=came_with)
    (result,) = world.categorized()
    assert (result["priority"], result["decided_by"], result["department"]) == (came_with, "keywords", "IT Support")
    assert "auto_prioritize is off" in result["priority_reason"]


def test_the_latest_automation_settings_hold_in_any_order_of_arrival(world: World, rows: Rows) -> None:
    world.company("updated", revision=3, auto_assign=False)
    world.company("updated", revision=2, auto_categorize=False)
    world.company("created", revision=1)
    world.company("created", company=2, auto_prioritize=False)
    eventually(lambda: len(rows(SWITCHES)) == 2)
    assert rows(SWITCHES) == [(True, True, False, 3), (True, False, True, 1)]
    world.company("updated", revision=2, auto_categorize=False)
    # Queues know no order among each other, so the late one has a companion that shows when it was taken.
    world.company("created", company=3)
    eventually(lambda: len(rows(SWITCHES)) == 3)
    assert rows(SWITCHES)[0] == (True, True, False, 3)


def test_the_latest_teams_hold_in_any_order_of_arrival(world: World, rows: Rows) -> None:
    world.team("deleted", 1, "Network", revision=3)
    world.team("updated", 1, "Networks & VPN", revision=2)
    world.team("created", 1, "Network", revision=1)
    world.team("created", 2, 'Desk "A"', description="{\\,}", department=None)
    eventually(lambda: len(rows("select 1 from teams")) == 2)
    assert rows("select name, description, department, is_active, revision from teams order by team_id") == [
        ("Network", "Switches, VPN and wireless", "IT Support", False, 3),
        ('Desk "A"', "{\\,}", None, True, 1),
    ]


def test_a_company_sees_only_its_own_settings_and_teams(world: World, rows: Rows, made: ServiceDatabase) -> None:
    for company in (1, 2):
        world.company("created", company=company)
        world.team("created", 1, f"Team of {company}", company=company)
    eventually(lambda: len(rows(SWITCHES)) == 2 and len(rows("select 1 from teams")) == 2)
    for company, names in {1: ["Team of 1"], 2: ["Team of 2"], 3: []}.items():
        with made.database.session(company) as session:
            assert session.execute(text("select name from teams")).scalars().all() == names
            assert len(session.execute(text("select company_id from company_switches")).all()) == len(names)
