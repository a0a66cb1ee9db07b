"""Deploying a workflow warns of names that nothing has had so far, since they may be misspelled."""

import pytest

from ..conftest import Api, Desk


def warned(api: Api, **scope: str | None) -> list[str]:
    """Deploy a workflow and return the quoted names of its warnings."""
    return [warning.split("'")[1] for warning in api.deployed(**scope)["warnings"]]


def test_where_nothing_is_known_every_name_may_be_right(api: Api) -> None:
    assert warned(api, category="Hardwear", department="It Suport") == []


def test_a_category_and_a_department_that_nothing_has_had_are_named(api: Api, desk: Desk) -> None:
    desk.route(1, category="Hardware", department="HR")
    assert warned(api, category="Hardwear", department="It Suport") == ["Hardwear", "It Suport"]


@pytest.mark.parametrize(
    ("category", "department"), [("hardware", None), ("HARDWARE ", "Ｈｒ"), ("Hardware", "Finance")]
)
def test_names_of_tickets_and_teams_are_known_as_people_read_them(
    api: Api, desk: Desk, category: str, department: str | None
) -> None:
    desk.team(1, "ann", department="Finance")
    desk.route(1, category="Hardware", department="HR")
    assert warned(api, category=category, department=department) == []


def test_the_tickets_and_teams_of_other_companies_are_not_known(api: Api, desk: Desk) -> None:
    desk.team(1, "ann", department="Finance", company=2)
    desk.route(1, category="Hardware", department="HR", company=2)
    desk.route(2, category="Chairs", department="Facilities")
    assert warned(api, category="Hardware", department="Finance") == ["Hardware", "Finance"]
