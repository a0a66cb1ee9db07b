"""Every cell of the declared policy, asked of the service."""

from typing import Any

import pytest
from notification_service.domain.people import number_of
from service_kit.testing.postgres import ServiceDatabase

from tests.security.policy import CALLER, Ask, Builder, Target
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

    def hook_body(target: Target) -> dict[str, Any]:
        return {"url": f"https://hooks{target.number}.example/", "events": ["*"]}

    def hook(target: Target) -> str:
        """Add a webhook to the target's company and return its address."""
        added = Api(api.client, company=target.company).call("POST", "/api/webhooks", hook_body(target))
        assert added.status_code == 201, added.text
        return f"/api/webhooks/{added.json['id']}"

    def hooks(target: Target) -> Ask:
        hook(target)
        return Ask("/api/webhooks?limit=100", shows=f"https://hooks{target.number}.example/")

    def called(target: Target, state: str = "failed") -> tuple[str, int]:
        """Queue a message to a webhook, and return the webhook's address and the delivery."""
        address = hook(target)
        webhook = address.rpartition("/")[2]
        desk.deliver(desk.created(target.number, company=target.company))
        with made.admin() as connection, connection.cursor() as cursor:
            cursor.execute(
                "update webhook_deliveries set state = %s where company_id = %s and webhook_id = %s returning id",
                (state, target.company, webhook),
            )
            (number,) = cursor.fetchone()
        return address, int(number)

    def calls(target: Target) -> Ask:
        called(target)
        return Ask("/api/webhooks/deliveries?limit=100", shows=f'"ticket_id":{target.number},')

    def calls_of(target: Target) -> Ask:
        address, _ = called(target)
        webhook = address.rpartition("/")[2]
        return Ask(f"/api/webhooks/deliveries?webhook_id={webhook}", shows=f'"ticket_id":{target.number},')

    def replayed(target: Target) -> Ask:
        address, number = called(target)
        return Ask(f"{address}/deliveries/{number}/replay")

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
        "GET /api/webhooks": hooks,
        "POST /api/webhooks": lambda target: Ask("/api/webhooks", hook_body(target)),
        "GET /api/webhooks/deliveries": calls,
        "GET /api/webhooks/deliveries (webhook_id)": calls_of,
        "POST /api/webhooks/deliveries/{delivery_id}/replay": lambda target: Ask(
            f"/api/webhooks/deliveries/{called(target)[1]}/replay"
        ),
        "GET /api/webhooks/{webhook_id}": lambda target: Ask(hook(target)),
        "PATCH /api/webhooks/{webhook_id}": lambda target: Ask(hook(target), {"events": ["ticket.created"]}),
        "DELETE /api/webhooks/{webhook_id}": lambda target: Ask(hook(target)),
        "POST /api/webhooks/{webhook_id}/ping": lambda target: Ask(f"{hook(target)}/ping"),
        "POST /api/webhooks/{webhook_id}/rotate-secret": lambda target: Ask(f"{hook(target)}/rotate-secret"),
        "GET /api/webhooks/{webhook_id}/deliveries": lambda target: Ask(f"{called(target)[0]}/deliveries"),
        "POST /api/webhooks/{webhook_id}/deliveries/{delivery_id}/replay": replayed,
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
