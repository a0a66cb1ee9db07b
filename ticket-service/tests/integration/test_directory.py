"""The directory is asked about departments and teams that a person names, because events may be on their way."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from service_kit.testing.postgres import ServiceDatabase
from ticket_service import service
from ticket_service.domain.teams import Team
from ticket_service.settings import Settings

from ..conftest import Api
from .test_consume import Inside, department


@dataclass
class Directory:
    """A stand-in for routing-service and auth-service; entries that are missing make the owner unavailable."""

    departments: dict[str, bool] = field(default_factory=dict)
    teams: dict[int, Team | None] = field(default_factory=dict)

    def takes_tickets(self, company: int, department: str) -> bool | None:
        assert company == 1
        return self.departments.get(department)

    def team(self, company: int, replica: Team) -> Team | None:
        assert company == 1
        return self.teams.get(replica.team_id, replica)


@pytest.fixture
def directory() -> Directory:
    return Directory()


@pytest.fixture
def asking(read: Callable[..., Settings], made: ServiceDatabase, directory: Directory) -> Iterator[Api]:
    made.clean()
    process = service.SERVICE.instance(read(), replace=lambda deps: replace(deps, directory=directory))
    yield Api(process.create_app().test_client())
    process.close()


def edit(api: Api, number: int, **change: Any) -> tuple[int, str | None]:
    response = api.call("PATCH", f"/api/tickets/{number}", change)
    return response.status_code, response.json.get("code")


def test_a_department_deleted_a_moment_ago_can_not_be_requested(
    asking: Api, directory: Directory, made: ServiceDatabase
) -> None:
    Inside(made).deliver(("department.created", 1, department("Legal")))
    number = asking.create()["id"]
    assert edit(asking, number, department="Legal")[0] == 200, "the owner is unavailable, so the replica decides"
    directory.departments = {"Legal": False, "HR": False}
    for name in ("Legal", "HR"):
        assert edit(asking, number, department=name) == (400, "unknown_department")


def test_a_department_made_a_moment_ago_can_be_requested(asking: Api, directory: Directory) -> None:
    number = asking.create()["id"]
    assert edit(asking, number, department="Legal") == (400, "unknown_department")
    directory.departments = {"Legal": True}
    assert edit(asking, number, department="Legal")[0] == 200


@pytest.mark.parametrize("now", [None, Team(7, "Networks", None)])
def test_a_team_deleted_or_renamed_a_moment_ago_can_not_be_requested(
    asking: Api, directory: Directory, made: ServiceDatabase, now: Team | None
) -> None:
    body = {"company_id": 1, "team_id": 7, "name": "Network", "department": None, "is_active": True}
    Inside(made).deliver(("team.created", 1, body))
    number = asking.create()["id"]
    assert edit(asking, number, team="Network", department="HR")[0] == 200
    directory.teams = {7: now}
    assert edit(asking, number, team="Network", department="HR") == (400, "unknown_team")
    directory.teams = {7: Team(7, "Network", "Finance")}
    assert edit(asking, number, team="Network", department="HR") == (400, "unfit_team")
