"""Every cell of the declared policy, asked of the service."""

from typing import Any

import pytest
from eventbus.testing.policy import shared_builders
from service_kit.testing.isolation import Service, isolation_without_conditions, without_row_level_security
from service_kit.testing.policy import Ask, Builder, Target, wrong_cells
from service_kit.testing.postgres import ServiceDatabase
from smartticket_contracts import policy

from ..conftest import Api

ADDRESS = "member@example.org"


@pytest.fixture
def builders(made: ServiceDatabase, api: Api) -> dict[str, Builder]:
    """Give a builder per row."""

    def team(target: Target) -> int:
        admin = Api(api.client, company=target.company)
        added = admin.add_team(f"Team {target.number} of {target.company}")
        member = {"email": ADDRESS, "name": "Member", "role": "agent"}
        assert admin.call("POST", f"/api/teams/{added['id']}/members", member).status_code == 201
        return int(added["id"])

    def of_team(suffix: str = "", body: Any = None) -> Builder:
        return lambda target: Ask(f"/api/teams/{team(target)}{suffix}", body)

    def listed(target: Target) -> Ask:
        team(target)
        return Ask("/api/teams?limit=100", shows=f'"Team {target.number} of {target.company}"')

    def company(body: Any = None) -> Builder:
        return lambda target: Ask(f"/api/companies/{target.company}", body)

    return {
        **shared_builders(made),
        "GET /api/companies": lambda target: Ask("/api/companies", shows=f'"company_id":{target.company},'),
        "GET /api/companies/{company_id}": company(),
        "PATCH /api/companies/{company_id}": company({"auto_assign": True}),
        "PUT /api/companies/{company_id}": company({"auto_assign": True}),
        "GET /api/teams": listed,
        "POST /api/teams": lambda target: Ask("/api/teams", {"name": f"New {target.number}"}),
        "GET /api/teams/{team_id}": of_team(),
        "PATCH /api/teams/{team_id}": of_team(body={"description": "changed"}),
        "PUT /api/teams/{team_id}": of_team(body={"description": "changed"}),
        "DELETE /api/teams/{team_id}": of_team(),
        "GET /api/teams/{team_id}/members": of_team("/members"),
        "POST /api/teams/{team_id}/members": of_team(
            "/members", {"email": "new@example.org", "name": "New", "role": "agent"}
        ),
        "DELETE /api/teams/{team_id}/members/{email}": of_team(f"/members/{ADDRESS}"),
    }


@pytest.mark.parametrize("row", policy.rows("auth-service"), ids=lambda row: row.key)
def test_the_service_answers_as_the_policy_says(row: policy.Row, api: Api, builders: dict[str, Builder]) -> None:
    assert wrong_cells(Api, api.client, row, builders[row.key]) == []


def test_row_level_security_alone_separates_the_companies(
    api: Api, builders: dict[str, Builder], made: ServiceDatabase
) -> None:
    """Each function that queries loses its condition on the company in turn."""
    service = Service(Api, api.client, made)
    result = isolation_without_conditions(service, policy.rows("auth-service"), builders)
    assert result.leaks == []
    assert len(result.functions) > 5


def test_without_it_the_same_requests_show_foreign_rows(
    api: Api, builders: dict[str, Builder], made: ServiceDatabase
) -> None:
    """The proof above would notice a leak."""
    service = Service(Api, api.client, made)
    with without_row_level_security(made):
        result = isolation_without_conditions(service, policy.rows("auth-service"), builders, in_turn=False)
    assert len(result.leaks) > 5
