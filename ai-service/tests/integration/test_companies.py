"""Companies turn their switches, and their teams come and go."""

from collections.abc import Callable

import pytest
from ai_service.testing.messages_api import MessagesApi
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
    (said,) = world.categorized()
    assert (said["department"], said["confidence_score"], said["need_admin"]) == ("General", 0, True)
    assert (said["decided_by"], said["category"], said["model"]) == ("nobody", "back", None)
    assert "auto_categorize is off" in said["reason"]
    # Its priority is another switch's.
    assert (said["priority"], said["priority_reason"]) == ("urgent", "haste: urgent")
    assert rows("select decided_by, priority_reason from predictions") == [("nobody", "haste: urgent")]
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


def test_a_switch_is_its_own_companys(world: World, rows: Rows) -> None:
    world.company("updated", company=7, auto_categorize=False)
    eventually(lambda: bool(rows(SWITCHES)))
    world.ticket(1, "vpn", company=7)
    world.ticket(2, "vpn", company=8)
    assert {each["company_id"]: each["decided_by"] for each in world.categorized(2)} == {7: "nobody", 8: "keywords"}


def test_a_company_without_general_has_unread_tickets_wait_at_its_first_department(world: World, rows: Rows) -> None:
    world.company("updated", auto_categorize=False)
    world.department("updated", 5, "General", is_active=False)
    eventually(lambda: bool(rows(SWITCHES)) and bool(rows("select 1 from departments")))
    world.ticket(1, "vpn")
    (said,) = world.categorized()
    assert (said["department"], said["decided_by"], said["need_admin"]) == ("IT Support", "nobody", True)


@pytest.mark.parametrize("came_with", ["low", "medium", "high", "urgent"])
def test_with_auto_prioritize_off_a_ticket_keeps_the_priority_it_came_with(
    world: World, rows: Rows, came_with: str
) -> None:
    world.company("updated", auto_prioritize=False)
    eventually(lambda: bool(rows(SWITCHES)))
    world.ticket(1, "vpn password", description="URGENT outage for everyone", priority=came_with)
    (said,) = world.categorized()
    assert (said["priority"], said["decided_by"], said["department"]) == (came_with, "keywords", "IT Support")
    assert "auto_prioritize is off" in said["priority_reason"]


def test_switches_end_as_their_latest_revision_says_whatever_the_order(world: World, rows: Rows) -> None:
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


def test_teams_end_as_their_latest_revision_says_whatever_the_order(world: World, rows: Rows) -> None:
    world.team("deleted", 1, "Network", revision=3)
    world.team("updated", 1, "Networks & VPN", revision=2)
    world.team("created", 1, "Network", revision=1)
    world.team("created", 2, 'Desk "A"', description="{\\,}", department=None)
    eventually(lambda: len(rows("select 1 from teams")) == 2)
    assert rows("select name, description, department, is_active, revision from teams order by team_id") == [
        ("Network", "Switches, VPN and wireless", "IT Support", False, 3),
        ('Desk "A"', "{\\,}", None, True, 1),
    ]


def test_a_company_sees_its_own_switches_and_teams_alone(world: World, rows: Rows, made: ServiceDatabase) -> None:
    for company in (1, 2):
        world.company("created", company=company)
        world.team("created", 1, f"Team of {company}", company=company)
    eventually(lambda: len(rows(SWITCHES)) == 2 and len(rows("select 1 from teams")) == 2)
    for company, names in {1: ["Team of 1"], 2: ["Team of 2"], 3: []}.items():
        with made.database.session(company) as session:
            assert session.execute(text("select name from teams")).scalars().all() == names
            assert len(session.execute(text("select company_id from company_switches")).all()) == len(names)
