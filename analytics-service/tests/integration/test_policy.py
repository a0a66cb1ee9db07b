"""Every cell of the declared policy, asked of the service."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from service_kit.testing.postgres import ServiceDatabase

from tests.security.policy import Ask, Builder, Target
from tests.security.policy_tests import PolicyTests
from tests.security.shared_rows import shared_builders

from ..conftest import Api

TOTALS = (
    "insert into ticket_totals values (%s, %s, 'pending', %s, 0, 0, 0, 0, 0, 0, 0, 0, 0)"
    " on conflict (company_id, department, status) do update set tickets = excluded.tickets"
)


@pytest.fixture
def execute(made: ServiceDatabase) -> Callable[..., None]:
    """Give a function that runs a statement without row-level security."""

    def run(statement: str, *values: Any) -> None:
        with made.admin() as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)

    return run


@pytest.fixture
def builders(made: ServiceDatabase, api: Api, execute: Callable[..., None]) -> dict[str, Builder]:
    """Give a builder per row. A target is a department with its figures, or a count that no other target has."""

    def clear() -> None:
        for table in ("ticket_totals", "tickets_by_day", "rebuilds"):
            execute(f"delete from {table}")

    def department(target: Target) -> str:
        name = f"Department {target.number} of {target.company}"
        execute("insert into departments values (%s, %s, %s, true, false, 1)", target.company, target.number, name)
        execute(TOTALS, target.company, name, 1)
        return name

    def named(path: str) -> Builder:
        return lambda target: Ask(path, shows=f'"{department(target)}"')

    def performance(target: Target) -> Ask:
        clear()
        count = 700_000 + target.number
        execute(TOTALS, target.company, "HR", count)
        return Ask("/api/analytics/performance", shows=f'"total_tickets":{count}')

    def trends(target: Target) -> Ask:
        clear()
        count = 700_000 + target.number
        execute(
            "insert into tickets_by_day values (%s, (now() at time zone 'utc')::date, 'HR', %s)", target.company, count
        )
        return Ask("/api/analytics/trends", shows=f'"count":{count}')

    def rebuilt(target: Target) -> Ask:
        clear()
        execute(
            "insert into rebuilds (company_id, number, state) values (%s, %s, 'done')", target.company, target.number
        )
        return Ask("/api/analytics/rebuild", shows=f'"number":{target.number}')

    def used(target: Target) -> Ask:
        model = f"model-{target.number}-{target.company}"
        execute(
            "insert into model_usage values (%s, (now() at time zone 'utc')::date, 's', %s, 'p', 1, 0, 1, 1, 0, 0, 1)",
            target.company, model,
        )  # fmt: skip
        return Ask("/api/analytics/models", shows=f'"{model}"')

    return {
        **shared_builders(made),
        "GET /api/analytics/department/{name}": lambda target: Ask(
            f"/api/analytics/department/{quote(department(target))}"
        ),
        "GET /api/analytics/models": used,
        "GET /api/analytics/performance": performance,
        "GET /api/analytics/rebuild": rebuilt,
        "POST /api/analytics/rebuild": lambda _: Ask("/api/analytics/rebuild"),
        "GET /api/analytics/tickets": named("/api/analytics/tickets"),
        "GET /api/analytics/trends": trends,
        "GET /api/dashboard/routing": named("/api/dashboard/routing"),
        "GET /api/dashboard/summary": named("/api/dashboard/summary"),
    }


class TestPolicy(PolicyTests):
    """The service against its rows."""

    calls = Api
