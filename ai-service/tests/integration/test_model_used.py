"""Other services' calls of paid models are in the ledger and count for the budget."""

from collections.abc import Callable

from service_kit.identity import AGENT, SERVICE

from ..conftest import Api, World, eventually


def used(
    world: World, *, company: int = 1, cost: float | None = 250_000.0, ticket: int | None = 7, number: int = 1
) -> None:
    """Publish a call that cost a quarter of a dollar."""
    world.send(
        "model.used",
        subject=f"usage:{company}:{number}",
        company=company,
        purpose="solution",
        ticket_id=ticket,
        model="claude-haiku-5-5",
        cost_micro_usd=cost,
    )


def test_another_services_call_is_in_the_ledger_once(
    world: World, api: Api, rows: Callable[..., list[tuple[object, ...]]]
) -> None:
    used(world)
    eventually(lambda: api.get("/api/ai/costs")["items"] != [])
    costs = api.get("/api/ai/costs")
    assert [(item["model"], item["calls"], item["cost_usd"]) for item in costs["items"]] == [
        ("claude-haiku-5-5", 1, 0.25)
    ]
    assert rows("select purpose, ticket_id from usage") == [("solution", 7)]


def test_a_service_can_ask_whether_the_companys_budget_allows_a_call(world: World, api: Api) -> None:
    service = Api(api.client, role=SERVICE)
    assert service.get("/internal/budget") == {"allowed": True}
    assert api.call("PUT", "/api/ai/settings", {"daily_budget_usd": 0.2}).status_code == 200
    assert service.get("/internal/budget") == {"allowed": True}
    used(world)
    used(world, company=2, number=2)
    eventually(lambda: service.get("/internal/budget") == {"allowed": False})
    assert Api(api.client, company=2, role=SERVICE).get("/internal/budget") == {"allowed": True}


def test_only_services_may_ask_for_the_budget(api: Api) -> None:
    assert Api(api.client, role=AGENT).call("GET", "/internal/budget").status_code == 403
