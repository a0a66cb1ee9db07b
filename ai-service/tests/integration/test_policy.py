"""Every cell of the declared policy, asked of the service."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from service_kit.testing.postgres import ServiceDatabase

from tests.security.policy import Ask, Builder, Target
from tests.security.policy_tests import PolicyTests
from tests.security.shared_rows import shared_builders

from ..conftest import RULES, Api

BUSY = frozenset({409})
"""Another one is under way: the state refuses, not the policy."""
LABELLED = "text,department\n" + "".join(f"the printer is broken {n},{('HR', 'Finance')[n % 2]}\n" for n in range(60))


@pytest.fixture
def execute(made: ServiceDatabase) -> Callable[..., Any]:
    """Give a function that runs a statement without row-level security and returns its first value."""

    def run(statement: str, *values: Any) -> Any:
        with made.admin() as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()[0] if cursor.description else None

    return run


@pytest.fixture
def api(make_api: Callable[..., Api], tmp_path: Path) -> Api:
    """The HTTP API, with a workbook of each company."""
    for company in (1, 2):
        file = tmp_path / "exports" / f"company-{company}" / "tickets_training.xlsx"
        file.parent.mkdir(parents=True)
        file.write_bytes(b"PK workbook")
    return make_api(TRAINING_DATA_DIR=str(tmp_path))


@pytest.fixture
def builders(made: ServiceDatabase, execute: Callable[..., Any]) -> dict[str, Builder]:
    """Give a builder per row."""

    def marker(target: Target) -> str:
        return f"marked-{target.number}-{target.company}"

    def used(target: Target) -> Ask:
        execute(
            "insert into daily_usage values (%s, (now() at time zone 'utc')::date, %s, 1, 0, 1, 1, 0, 0, 1)",
            target.company, marker(target),
        )  # fmt: skip
        return Ask("/api/ai/costs?limit=100", shows=f'"{marker(target)}"')

    def used_for_ticket(target: Target) -> Ask:
        execute(
            "insert into usage (company_id, ticket_id, purpose, model, input_tokens, output_tokens, cache_read_tokens,"
            " cache_write_tokens) values (%s, %s, 'categorize', %s, 1, 1, 0, 0)",
            target.company, target.number, marker(target),
        )  # fmt: skip
        return Ask(f"/api/ai/costs?by=call&ticket_id={target.number}", shows=f'"{marker(target)}"')

    def budget(target: Target, daily: int) -> None:
        execute("delete from ladder_settings")
        execute(
            "insert into ladder_settings (company_id, ladder_order, daily_budget_usd) values (%s, 'local_first', %s)",
            target.company, daily,
        )  # fmt: skip

    def settings(target: Target) -> Ask:
        budget(target, 70_000 + target.number)
        return Ask("/api/ai/settings", shows=f'"daily_budget_usd":{70_000 + target.number}.0')

    def spent(target: Target) -> Ask:
        budget(target, 0)
        return Ask("/internal/budget", shows='"allowed":false')

    def evaluation(target: Target) -> int:
        return int(
            execute(
                "insert into evaluations (company_id, kind, name, asked_by, plan, chart)"
                " values (%s, 'file', %s, 'x', '{}', 'x') returning id",
                target.company, marker(target),
            )
        )  # fmt: skip

    def model(target: Target) -> str:
        execute(
            "insert into models (company_id, version, run_id, examples, encoder, head) values (%s, %s, 1, 1, 'e', 'x')",
            target.company, marker(target),
        )  # fmt: skip
        return marker(target)

    def serving(target: Target) -> Ask:
        execute("update models set serving = false")
        execute("update models set serving = true, served_at = now() where version = %s", model(target))
        return Ask("/api/models/rollback")

    def rule(target: Target) -> int:
        return int(
            execute(
                "insert into priority_rules (company_id, name, words, priority, position, active)"
                " values (%s, %s, '{outage}', 'high', 1, true) returning id",
                target.company, marker(target),
            )
        )  # fmt: skip

    def prediction(target: Target) -> int:
        execute(
            "insert into predictions (company_id, ticket_id, revision, department, category, priority, confidence,"
            " need_admin, decided_by, reason, duration_ms, cached, answer_key)"
            " values (%s, %s, 1, 'HR', 'back', 'low', 50, true, 'keywords', 'r', 1, false, gen_random_uuid())",
            target.company, target.number,
        )  # fmt: skip
        return target.number

    def backtest(target: Target) -> Ask:
        """Store twenty tickets that a person routed: the least to evaluate."""
        execute(
            "insert into examples (company_id, ticket_id, text, created_at, label, labelled_at)"
            " select %s, n, 'text ' || n, now(), 'HR', now() from generate_series(1, 20) n on conflict do nothing",
            target.company,
        )
        execute(
            "insert into predictions (company_id, ticket_id, revision, department, category, priority, confidence,"
            " need_admin, decided_by, reason, duration_ms, cached, answer_key)"
            " select %s, n, 1, 'HR', 'back', 'low', 50, true, 'keywords', 'r', 1, false, gen_random_uuid()"
            " from generate_series(1, 20) n on conflict do nothing",
            target.company,
        )
        return Ask("/api/evaluation/backtest", {"tickets": 50}, statuses=BUSY)

    def compared(target: Target) -> Ask:
        execute("delete from predictions")
        prediction(target)
        return Ask(f"{RULES}/report", shows='"tickets":1,')

    def run(target: Target) -> int:
        return int(
            execute(
                "insert into training_runs (company_id, state, asked_by, report)"
                """ values (%s, 'kept', %s, '{"export": {"tickets": 1}}') returning id""",
                target.company, marker(target),
            )
        )  # fmt: skip

    def counted(target: Target) -> Ask:
        execute("delete from learning")
        execute("insert into learning values (%s, %s, 0)", target.company, 700_000 + target.number)
        return Ask("/api/training/status", shows=f'"analyses":{700_000 + target.number}')

    def listed(path: str, store: Callable[[Target], Any]) -> Builder:
        def build(target: Target) -> Ask:
            store(target)
            return Ask(f"{path}?limit=100", shows=f'"{marker(target)}"')

        return build

    def analysed(target: Target) -> Ask:
        return Ask("/api/analyze", {"description": "printer", "company_id": target.company})

    def csv(target: Target) -> Ask:
        return Ask("/api/evaluation", form={"file": (BytesIO(LABELLED.encode()), "t.csv")}, statuses=BUSY)

    return {
        **shared_builders(made),
        "GET /api/ai/costs": used,
        "GET /api/ai/costs (ticket_id)": used_for_ticket,
        "GET /api/ai/settings": settings,
        "PUT /api/ai/settings": lambda _: Ask("/api/ai/settings", {"daily_budget_usd": 5}),
        "POST /api/analyze": lambda _: Ask("/api/analyze", {"description": "printer", "company_id": 1}),
        "POST /api/analyze (company_id)": analysed,
        "POST /api/categorize": lambda _: Ask("/api/categorize", {"title": "VPN", "description": "drops"}),
        "POST /api/categorize (ticket_id)": lambda target: Ask(
            "/api/categorize", {"title": "VPN", "description": "drops", "ticket_id": prediction(target)}
        ),
        "GET /api/evaluation": listed("/api/evaluation", evaluation),
        "POST /api/evaluation": csv,
        "POST /api/evaluation/backtest": backtest,
        "PUT /api/evaluation/shadow": lambda _: Ask("/api/evaluation/shadow", {"enabled": True}),
        "GET /api/evaluation/{number}": lambda target: Ask(f"/api/evaluation/{evaluation(target)}"),
        "GET /api/evaluation/{number}/reliability.png": lambda target: Ask(
            f"/api/evaluation/{evaluation(target)}/reliability.png"
        ),
        "GET /api/models": listed("/api/models", model),
        "POST /api/models/{version}/promote": lambda target: Ask(f"/api/models/{model(target)}/promote"),
        "POST /api/models/rollback": serving,
        "GET /api/priority-rules": listed(RULES, rule),
        "POST /api/priority-rules": lambda target: Ask(
            RULES, {"name": marker(target), "words": ["outage"], "priority": "high"}
        ),
        "GET /api/priority-rules/{rule_id}": lambda target: Ask(f"{RULES}/{rule(target)}"),
        "PUT /api/priority-rules/{rule_id}": lambda target: Ask(f"{RULES}/{rule(target)}", {"active": False}),
        "DELETE /api/priority-rules/{rule_id}": lambda target: Ask(f"{RULES}/{rule(target)}"),
        "GET /api/priority-rules/report": compared,
        "GET /api/tickets/{ticket_id}/explanation": lambda target: Ask(
            f"/api/tickets/{prediction(target)}/explanation"
        ),
        "GET /api/training": listed("/api/training", run),
        "POST /api/training": lambda _: Ask("/api/training", statuses=BUSY),
        "GET /api/training/status": counted,
        "GET /api/training/{run_id}": lambda target: Ask(f"/api/training/{run(target)}"),
        "GET /api/training/{run_id}/export": lambda target: Ask(f"/api/training/{run(target)}/export"),
        "GET /internal/budget": spent,
    }


class TestPolicy(PolicyTests):
    """The service against its rows."""

    calls = Api
