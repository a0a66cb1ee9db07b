"""Describes the parameters of paths, with examples, which `/docs` fills in; bodies have those of their services."""

from collections.abc import Iterable
from typing import Any

TEXTS = {
    "name": "Legal",
    "email": "ann@company.example",
    "partner": "ams",
    "queue": "ai-service.categorize",
    "service": "ai-service",
    "code": "stale_version",
    "provider": "generic",
}
"""Examples of parameters that are texts, by name.

The department is the one that the example of `POST /api/departments` adds, so that trying a DELETE removes no other.
"""
DESCRIPTIONS = {
    "client_id": "The requester, a customer_id.",
    "code": "A problem's stable code.",
    "comment_id": "The comment's id.",
    "company_id": "The caller's company; any other is 404.",
    "connection_id": "The id of the connection to a provider.",
    "delivery_id": "The delivery's id.",
    "document_id": "The document's id.",
    "email": "The member's address.",
    "file": "The file's name.",
    "file_id": "The file's id.",
    "id": "The id.",
    "identity_id": "The identity's id.",
    "invitation_id": "The invitation's id.",
    "job_id": "The job's id.",
    "mail_id": "The inbound mail's id.",
    "mailbox_id": "The mailbox's id.",
    "suppression_id": "The suppressed address's id.",
    "provider": "The way by which the mail comes: generic, sendgrid, mailgun or postmark.",
    "macro_id": "The macro's id.",
    "view_id": "The saved view's id.",
    "key_id": "The key's id: its first part, after stk_.",
    "name": "The department's name; a / in it is sent as %2F.",
    "notification_id": "The notification's id.",
    "number": "The number.",
    "partner": "Which partner answers: ams or bms.",
    "queue": "The queue's name: the service, a dot and the purpose.",
    "rule_id": "The rule's id.",
    "application_id": "The id of the application of a policy.",
    "calendar_id": "The calendar's id.",
    "workflow_id": "The workflow's id.",
    "task_id": "The task's id.",
    "run_id": "The training's id.",
    "service": "The service's name.",
    "session_id": "The session's id.",
    "team_id": "The team's id.",
    "template_id": "The template's id.",
    "ticket_id": "The ticket's number.",
    "user_id": "The user's id.",
    "uuid": "The ticket's UUID.",
    "version": "The model's version.",
    "webhook_id": "The webhook's id.",
}


def describe(parameters: Iterable[dict[str, Any]]) -> None:
    """Describe each parameter of a path and give it an example; UUIDs and unknown texts get no example."""
    for parameter in parameters:
        if parameter.get("in") != "path":
            continue
        if parameter["name"] in DESCRIPTIONS:
            parameter.setdefault("description", DESCRIPTIONS[parameter["name"]])
        if parameter.get("schema", {}).get("type") == "integer":
            parameter.setdefault("example", 1)
        elif parameter["name"] in TEXTS:
            parameter.setdefault("example", TEXTS[parameter["name"]])
