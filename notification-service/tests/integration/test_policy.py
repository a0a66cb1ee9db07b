"""Every cell of the declared policy, asked of the service."""

import pytest
from notification_service.domain.people import number_of
from service_kit.testing.postgres import ServiceDatabase

from tests.security.policy import CALLER, Ask, Builder, Target
from tests.security.policy_tests import PolicyTests
from tests.security.shared_rows import shared_builders

from ..conftest import Api, Desk


@pytest.fixture
def builders(made: ServiceDatabase, api: Api, desk: Desk) -> dict[str, Builder]:
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

    def refused(target: Target) -> int:
        """Let too many mails to the target's owner be refused, and return the person's number."""
        owner = number_of(target.owner)
        assert owner is not None
        desk.user(owner, company=target.company)
        made.rows(
            "insert into bounces (company_id, user_id, address, number, reason) values (%s, %s, %s, 9, %s) "
            "on conflict (company_id, user_id) do update set reason = excluded.reason returning 1",
            *(target.company, owner, f"user{owner}@example.com", f"refused {target.number}"),
        )
        return owner

    def suppressed(target: Target) -> Ask:
        refused(target)
        return Ask("/api/notifications/suppressions?limit=100", shows=f'"refused {target.number}"')

    def template(target: Target) -> int:
        admin = Api(api.client, company=target.company)
        added = admin.call("POST", "/api/notification-templates", template_body(target))
        assert added.status_code == 201, added.text
        return int(added.json["id"])

    def template_body(target: Target, suffix: str = "") -> dict[str, str]:
        return {"notification_type": f"type_{target.number}{suffix}", "subject": "s", "body": f"text {target.number}"}

    def templates(target: Target) -> Ask:
        template(target)
        return Ask("/api/notification-templates?limit=100", shows=f'"type_{target.number}"')

    def tested(target: Target) -> Ask:
        caller = number_of(CALLER)
        assert caller is not None
        desk.user(caller, "admin")
        return Ask(f"/api/notification-templates/{template(target)}/test", {})

    def sent_to(target: Target) -> Ask:
        desk.user(target.number, company=target.company)
        context = {"subject": "s", "message": "m"}
        address = f"user{target.number}@example.com"
        return Ask(
            "/api/notifications/send",
            {"user_email": address, "notification_type": "message", "context_data": context},
        )

    return {
        "GET /api/notification-templates": templates,
        "POST /api/notification-templates": lambda target: Ask("/api/notification-templates", template_body(target)),
        "POST /api/notification-templates/preview": lambda target: Ask(
            "/api/notification-templates/preview", template_body(target)
        ),
        "GET /api/notification-templates/{template_id}": lambda target: Ask(
            f"/api/notification-templates/{template(target)}"
        ),
        "PUT /api/notification-templates/{template_id}": lambda target: Ask(
            f"/api/notification-templates/{template(target)}", template_body(target, "_new")
        ),
        "POST /api/notification-templates/{template_id}/test": tested,
        "DELETE /api/notification-templates/{template_id}": lambda target: Ask(
            f"/api/notification-templates/{template(target)}"
        ),
        "POST /api/notifications/send": lambda target: sent_to(Target("own", 1, target.owner, target.number)),
        "POST /api/notifications/send (user_email)": sent_to,
        "GET /api/notifications": listed,
        "GET /api/notifications/suppressions": suppressed,
        "DELETE /api/notifications/suppressions/{user_id}": lambda target: Ask(
            f"/api/notifications/suppressions/{refused(target)}"
        ),
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
