"""The messages that webhooks get: of which events, with which of their fields.

A field stands here or isn't sent: texts of tickets and comments, proposed steps and reasons that quote a ticket don't.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

EVERY = "*"
PING = "webhook.ping"
MAX_BYTES = 20_000
_COMMENT = ("ticket_uuid", "comment_id", "parent_id", "author", "author_kind", "sent_at")
_TASK = ("task_id", "clock", "step", "priority", "assignee", "due_at")
FIELDS: Mapping[str, tuple[str, ...]] = {
    "ticket.created": ("ticket_uuid", "external_ticket_id", "requester", "priority", "created_at"),
    "ticket.updated": (
        "ticket_uuid", "external_ticket_id", "status", "priority", "category", "sub_category", "changed", "actor",
        "updated_at",
    ),
    "ticket.status.updated": ("ticket_uuid", "status", "previous_status", "actor", "updated_at"),
    "ticket.routed": (
        "ticket_uuid", "external_ticket_id", "department", "category", "sub_category", "team_id", "team", "priority",
        "confidence_score", "need_admin", "decided_by", "rerouted", "actor", "routed_at",
    ),
    "ticket.assigned": (
        "ticket_uuid", "task_id", "workflow_id", "workflow_version", "step", "status", "assignee", "department",
        "team_id", "priority", "due", "breached", "action", "actor", "changed_at",
    ),
    "ticket.commented": _COMMENT,
    "ticket.comment.updated": (*_COMMENT, "version", "actor", "edited_at"),
    "ticket.comment.deleted": (*_COMMENT, "version", "actor", "deleted_at"),
    "ticket.solution.proposed": ("ticket_uuid", "mode", "confidence", "needs_human", "proposed_at"),
    "ticket.deleted": ("ticket_uuid", "actor", "deleted_at"),
    "sla.warning": (*_TASK, "warned_at"),
    "sla.breached": (*_TASK, "breached_at", "declared_at", "reason"),
    "sla.retracted": (*_TASK, "retracted_at"),
    "task.approval.requested": (
        "task_id", "workflow_id", "workflow_version", "step", "assignee", "department", "team_id", "priority",
        "requested_at",
    ),
    "task.completed": (
        "task_id", "workflow_id", "workflow_version", "step", "assignee", "department", "team_id", "priority",
        "completed_at",
    ),
    "task.unmatched": ("ticket_uuid", "category", "sub_category", "department", "unmatched_at"),
    "task.external.decided": ("task_id", "request_id", "kind", "step", "state", "decided_by", "decided_at"),
}  # fmt: skip
"""The fields of each offered event besides `ticket_id`. Every one is about a ticket."""


def wants(events: Collection[str], event: str) -> bool:
    """Return whether a webhook with these events hears of an event."""
    return EVERY in events or event in events


def message_id(webhook_id: int, cause: str) -> str:
    """Return the id of the message about a cause to a webhook, the same at every try."""
    return f"msg_{webhook_id}_{cause}"


def render(
    event: str, *, company_id: int, time: datetime | str, data: Mapping[str, Any], version: int = 1, revision: int = 0
) -> str:
    """Return the body of a message: JSON, at most MAX_BYTES. Of one that would be larger, the ids alone are sent."""
    content = {
        "type": event,
        "version": version,
        "timestamp": time if isinstance(time, str) else time.isoformat().replace("+00:00", "Z"),
        "company_id": company_id,
        "revision": revision,
        "data": data,
    }
    body = _dumps(content)
    if len(body.encode()) <= MAX_BYTES:
        return body
    ids = {name: value for name, value in data.items() if name.endswith("_id") and isinstance(value, int)}
    return _dumps({**content, "data": ids, "is_shortened": True})


def _dumps(content: Mapping[str, Any]) -> str:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False)
