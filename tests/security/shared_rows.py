"""Builders for the rows of the policy that every service has: audit, dead letters, refills and traces."""

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

    def audited(field: str = "") -> Builder:
        def build(target: Target) -> Ask:
            with made.admin() as connection, connection.cursor() as cursor:
                cursor.execute(
                    "insert into audit"
                    " (company_id, actor_kind, actor, key_id, action, record, record_id, ticket_id, task_id) values"
                    " (%(c)s, 'user', 'user:' || %(n)s, %(key)s, 'thing.updated', 'thing', %(id)s, %(n)s, %(n)s)",
                    {"c": target.company, "n": target.number, "key": _key(target), "id": _event(target)},
                )
            wanted = f"&{field}={_key(target) if field == 'api_key_id' else target.number}" if field else ""
            return Ask(f"/api/audit?limit=100{wanted}", shows=f'"thing:{_event(target)}"')

        return build

    return {
        "GET /api/audit": audited(),
        "GET /api/audit (ticket_id)": audited("ticket_id"),
        "GET /api/audit (task_id)": audited("task_id"),
        "GET /api/audit (user_id)": audited("user_id"),
        "GET /api/audit (api_key_id)": audited("api_key_id"),
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


def _key(target: Target) -> str:
    return f"{target.number:08}"


def _event(target: Target) -> str:
    return f"event-{target.number}-{target.company}-{target.owner.replace(':', '-')}"
