"""Every cell of the declared policy, asked of the service."""

from typing import Any
from urllib.parse import quote

import pytest
from routing_service.domain.teams import Team
from service_kit.testing.postgres import ServiceDatabase

from tests.security.policy import Ask, Builder, Target
from tests.security.policy_tests import PolicyTests
from tests.security.shared_rows import shared_builders

from ..conftest import Api, Events, FakeAuthService

UNKNOWN_TEAM = frozenset({400, 404})
"""A team is a field of the body: an unknown one is not valid."""


@pytest.fixture
def builders(made: ServiceDatabase, api: Api, events: Events, auth_service: FakeAuthService) -> dict[str, Builder]:
    """Give a builder per row."""

    def ticket(target: Target) -> int:
        events.exists(target.number, company=target.company)
        return target.number

    def routed(target: Target) -> int:
        number = ticket(target)
        body = {"ticket_id": number, "department": department(target), "confidence_score": 90}
        assert Api(api.client, company=target.company).call("POST", "/api/route", body).status_code == 200
        return number

    def department(target: Target) -> str:
        name = f"Department {target.number} of {target.company}"
        added = Api(api.client, company=target.company).call("POST", "/api/departments", {"name": name})
        assert added.status_code == 201, added.text
        return name

    def by_name(body: Any = None) -> Builder:
        return lambda target: Ask(f"/api/departments/{quote(department(target))}", body)

    def order(target: Target, **changes: Any) -> Ask:
        return Ask("/api/route", {"department": "HR", "confidence_score": 90, "ticket_id": target.number, **changes})

    def own_ticket(target: Target) -> int:
        return ticket(Target(target.name, 1, target.owner, target.number))

    def to_department(target: Target) -> Ask:
        return order(target, ticket_id=own_ticket(target), department=department(target))

    def add_team(target: Target) -> None:
        assert auth_service.found is not None
        auth_service.found[target.company, target.number] = Team(target.number, f"Team {target.number}", None, True)

    def put_to_team(target: Target) -> Ask:
        add_team(target)
        body = {"department": "HR", "team_id": target.number}
        return Ask(f"/api/route/{own_ticket(target)}", body, not_found=UNKNOWN_TEAM)

    def to_team(target: Target) -> Ask:
        add_team(target)
        found = order(target, ticket_id=own_ticket(target), team_id=target.number)
        return Ask(found.path, found.body, not_found=UNKNOWN_TEAM)

    def counted(target: Target) -> Ask:
        routed(target)
        return Ask("/api/routing/statistics", shows=f'"Department {target.number} of {target.company}"')

    def listed(target: Target) -> Ask:
        name = department(target)
        return Ask("/api/departments?limit=100", shows=f'"{name}"')

    return {
        **shared_builders(made),
        "GET /api/departments": listed,
        "POST /api/departments": lambda target: Ask("/api/departments", {"name": f"New {target.number}"}),
        "GET /api/departments/{name}": by_name(),
        "PUT /api/departments/{name}": by_name({"description": "changed"}),
        "DELETE /api/departments/{name}": by_name(),
        "POST /api/route": lambda target: order(target, ticket_id=ticket(target)),
        "POST /api/route (department)": to_department,
        "POST /api/route (team_id)": to_team,
        "PUT /api/route/{ticket_id}": lambda target: Ask(f"/api/route/{ticket(target)}", {"department": "HR"}),
        "PUT /api/route/{ticket_id} (department)": lambda target: Ask(
            f"/api/route/{own_ticket(target)}", {"department": department(target)}
        ),
        "PUT /api/route/{ticket_id} (team_id)": put_to_team,
        "GET /api/routing/history/{ticket_id}": lambda target: Ask(f"/api/routing/history/{routed(target)}"),
        "GET /api/routing/statistics": counted,
    }


class TestPolicy(PolicyTests):
    """The service against its rows."""

    calls = Api
