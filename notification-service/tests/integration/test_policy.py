"""Every cell of the declared policy, asked of the service."""

import pytest
from notification_service.domain.people import number_of
from service_kit.testing.postgres import ServiceDatabase

from tests.security.policy import Ask, Builder, Target
from tests.security.policy_tests import PolicyTests
from tests.security.shared_rows import shared_builders

from ..conftest import Api, Desk
from ..mails import mail


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

    def sent_to(target: Target) -> Ask:
        desk.user(target.number, company=target.company)
        context = {"subject": "s", "message": "m"}
        address = f"user{target.number}@example.com"
        return Ask(
            "/api/notifications/send",
            {"user_email": address, "notification_type": "message", "context_data": context},
        )

    def mailbox_body(target: Target, suffix: str = "") -> dict[str, str]:
        return {"address": f"desk-{target.number}{suffix}@company.example", "provider": "generic"}

    def mailbox(target: Target) -> int:
        added = Api(api.client, company=target.company).call("POST", "/api/mailboxes", mailbox_body(target))
        assert added.status_code == 201, added.text
        return int(added.json["id"])

    def mailboxes(target: Target) -> Ask:
        mailbox(target)
        return Ask("/api/mailboxes?limit=100", shows=f'"desk-{target.number}@company.example"')

    def inbound_mail(target: Target, state: str = "parked") -> int:
        raw = mail(files={"a.txt": b"abc"})
        (found,) = made.rows(
            "insert into inbound_mails (company_id, mailbox, sha256, content, size_bytes, request_id, state)"
            " values (%s, %s, sha256(%s), %s, %s, 'r', %s) returning id",
            target.company, f"desk-{target.number}@company.example", raw, raw, len(raw), state,
        )  # fmt: skip
        return int(found[0])

    def inbound_mails(target: Target) -> Ask:
        inbound_mail(target)
        return Ask("/api/inbound-mails?limit=100", shows=f'"desk-{target.number}@company.example"')

    def suppressed(target: Target) -> int:
        (found,) = made.rows(
            "insert into suppressed_addresses (company_id, address, reason) values (%s, %s, 'r') returning id",
            target.company, f"gone-{target.number}@x.example",
        )  # fmt: skip
        return int(found[0])

    def all_suppressed(target: Target) -> Ask:
        suppressed(target)
        return Ask("/api/suppressed-addresses?limit=100", shows=f'"gone-{target.number}@x.example"')

    return {
        "GET /api/suppressed-addresses": all_suppressed,
        "DELETE /api/suppressed-addresses/{suppression_id}": lambda target: Ask(
            f"/api/suppressed-addresses/{suppressed(target)}"
        ),
        "GET /api/mailboxes": mailboxes,
        "POST /api/mailboxes": lambda target: Ask("/api/mailboxes", mailbox_body(target)),
        "GET /api/mailboxes/{mailbox_id}": lambda target: Ask(f"/api/mailboxes/{mailbox(target)}"),
        "PATCH /api/mailboxes/{mailbox_id}": lambda target: Ask(
            f"/api/mailboxes/{mailbox(target)}", {"is_active": False}
        ),
        "DELETE /api/mailboxes/{mailbox_id}": lambda target: Ask(f"/api/mailboxes/{mailbox(target)}"),
        "GET /api/inbound-mails": inbound_mails,
        "GET /api/inbound-mails/{mail_id}/content": lambda target: Ask(
            f"/api/inbound-mails/{inbound_mail(target)}/content"
        ),
        "POST /api/inbound-mails/{mail_id}/retry": lambda target: Ask(
            f"/api/inbound-mails/{inbound_mail(target)}/retry"
        ),
        "GET /internal/mails/{mail_id}/files/{position}": lambda target: Ask(
            f"/internal/mails/{inbound_mail(target)}/files/0"
        ),
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
        "DELETE /api/notification-templates/{template_id}": lambda target: Ask(
            f"/api/notification-templates/{template(target)}"
        ),
        "POST /api/notifications/send": lambda target: sent_to(Target("own", 1, target.owner, target.number)),
        "POST /api/notifications/send (user_email)": sent_to,
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
