"""Builders for the rows of the policy that every service has: dead letters, refills and traces."""

from collections.abc import Callable
from typing import Any

from service_kit.testing.postgres import ServiceDatabase

from tests.security.policy import Ask, Builder, Target


def shared_builders(made: ServiceDatabase) -> dict[str, Builder]:
    """Return a builder per row."""

    def parked(target: Target) -> int:
        with made.admin() as connection, connection.cursor() as cursor:
            cursor.execute(
                "insert into parked (queue, event_id, company_id, subject, type, body, reason, state)"
                " values ('q', %s, %s, %s, 't', 'x', 'r', 'dead')"
                " on conflict (queue, event_id) do update set reason = excluded.reason returning id",
                (_event(target), target.company, _event(target)),
            )
            row = cursor.fetchone()
            assert row is not None
            return int(row[0])

    def by_number(suffix: str = "", body: Any = None) -> Builder:
        return lambda target: Ask(f"/api/dead-letters/{parked(target)}{suffix}", body)

    def showing(path: Callable[[Target], str]) -> Builder:
        def build(target: Target) -> Ask:
            parked(target)
            return Ask(path(target), shows=f'"{_event(target)}"')

        return build

    return {
        "GET /api/dead-letters": showing(lambda _: "/api/dead-letters?limit=100"),
        "GET /api/dead-letters/{parked_id}": by_number(),
        "POST /api/dead-letters/{parked_id}/replay": by_number("/replay"),
        "POST /api/dead-letters/{parked_id}/discard": by_number("/discard", {"reason": "old"}),
        # An unknown queue, so that no broker is asked.
        "POST /api/refill/{queue}": lambda _: Ask(
            "/api/refill/nowhere", statuses=frozenset({404}), not_found=frozenset()
        ),
        "GET /internal/trace/{subject}": showing(lambda target: f"/internal/trace/{_event(target)}"),
    }


def _event(target: Target) -> str:
    return f"event-{target.number}-{target.company}-{target.owner.replace(':', '-')}"
