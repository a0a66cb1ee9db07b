"""The audit of teams names the members that a change adds, removes or changes, without their addresses."""

from typing import Any

from ..conftest import Api, People
from .test_teams_follow_people import BEN, CARA, ben, team_with

__all__ = ["ben"]


def changes(admin: Api) -> dict[str, tuple[Any, Any]]:
    """Return the changes of the newest record about a team, by field."""
    record = admin.get("/api/audit?record=team&limit=1")["items"][0]
    return {each["field"]: (each["old"], each["new"]) for each in record["changes"]}


def shown(email: str, name: str, **more: Any) -> dict[str, Any]:
    return {"role": "lead", "skills": [], "email": {"length": len(email)}, "name": {"length": len(name)}} | more


def test_a_member_is_shown_by_the_id_of_the_account(ada: Api, ben: Api) -> None:
    team = team_with(ada, "Repairs", BEN)
    field = f"members.{ben.subject}"
    assert changes(ada) == {field: (None, shown(*BEN))}
    assert ada.call("PATCH", f"{team}/members/{BEN[0]}", {"skills": ["French"]}).status_code == 200
    assert changes(ada) == {field: (shown(*BEN), shown(*BEN, skills=["French"]))}
    assert ada.call("DELETE", f"{team}/members/{BEN[0]}").status_code == 204
    assert changes(ada) == {field: (shown(*BEN, skills=["French"]), None)}


def test_a_member_without_an_account_has_no_id(ada: Api) -> None:
    team_with(ada, "Repairs", CARA)
    assert changes(ada) == {"members.no_account": (None, shown(*CARA))}


def test_many_skills_are_shown_by_their_length(ada: Api, people: People) -> None:
    team = team_with(ada, "Repairs", CARA)
    skills = [f"{number:02} {'x' * 40}" for number in range(50)]
    assert ada.call("PATCH", f"{team}/members/{CARA[0]}", {"skills": skills}).status_code == 200
    assert set(changes(ada)["members.no_account"][1]["skills"]) == {"length"}


def test_a_change_of_the_name_names_no_member(ada: Api) -> None:
    team = team_with(ada, "Repairs", CARA)
    assert ada.call("PUT", team, {"name": "Repair shop"}).status_code == 200
    assert changes(ada) == {"name": ("Repairs", "Repair shop")}
