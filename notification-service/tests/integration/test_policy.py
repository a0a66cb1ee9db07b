"""Every cell of the declared policy, asked of the service."""

import pytest
from notification_service.domain.people import number_of
from service_kit.testing.postgres import ServiceDatabase

from tests.security.policy import Ask, Builder, Target
from tests.security.policy_tests import PolicyTests
from tests.security.shared_rows import shared_builders

from ..conftest import Api, Desk


@pytest.fixture
def builders(made: ServiceDatabase, desk: Desk) -> dict[str, Builder]:
    """Give a builder per row."""

    def notified(target: Target) -> int:
        """Notify the target's owner of a ticket and return the notification's number."""
        owner = number_of(target.owner)
        assert owner is not None
        desk.user(owner, company=target.company)
        desk.deliver(desk.assigned(target.number, owner, company=target.company))
        (found,) = made.rows(
            "select id from notifications where company_id = %s and ticket_id = %s", target.company, target.number
        )
        return int(found[0])

    def listed(target: Target) -> Ask:
        notified(target)
        return Ask("/api/notifications?limit=100", shows=f'"ticket_id":{target.number},')

    def preferred(target: Target) -> Ask:
        minute = f"{target.number // 60 % 24:02}:{target.number % 60:02}"
        quiet = {"start": minute, "end": "00:00" if minute != "00:00" else "00:01", "time_zone": "UTC"}
        return Ask("/api/notifications/preferences", {"quiet_hours": quiet})

    def delivered(target: Target) -> Ask:
        notified(target)
        return Ask("/api/notifications/history?limit=100", shows=f'"ticket_id":{target.number},')

    return {
        "GET /api/notifications": listed,
        "GET /api/notifications/history": delivered,
        "PATCH /api/notifications/{notification_id}": lambda target: Ask(
            f"/api/notifications/{notified(target)}", {"is_read": True}
        ),
        "POST /api/notifications/read-all": lambda target: Ask(
            "/api/notifications/read-all", {"up_to": notified(target)}
        ),
        "GET /api/notifications/preferences": lambda _target: Ask("/api/notifications/preferences"),
        "PUT /api/notifications/preferences": preferred,
        **shared_builders(made),
    }


class TestPolicy(PolicyTests):
    """The service against its rows."""

    calls = Api
