"""Examples of what the gateway answers without a service."""

from collections.abc import Mapping
from typing import Any

from api_gateway.endpoints.field_examples import REQUEST_ID, TICKET_UUID

AT = "2026-11-20T10:33:00.123456Z"

INDEX: Mapping[str, Any] = {
    "name": "Smart Ticket",
    "description": "A self-hosted help desk that files every ticket with the right department.",
    "documentation": "/docs",
    "openapi": "/openapi.json",
    "health": "/api/health",
    "endpoints": [{"method": "POST", "path": "/api/tickets", "answered_by": "ticket-service"}],
}
OPENAPI: Mapping[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Smart Ticket", "version": "1"},
    "paths": {},
    "components": {},
}
ALIVE: Mapping[str, Any] = {"status": "healthy", "service": "api-gateway"}
READY: Mapping[str, Any] = {"status": "ready", "service": "api-gateway", "checks": {}}
HEALTH: Mapping[str, Any] = {
    "status": "degraded",
    "services": {
        "api-gateway": {"status": "healthy"},
        "rag-service": {"status": "degraded", "reason": "bus: ConnectionError: refused"},
    },
}
STATUSES: Mapping[str, Any] = {"statuses": ["pending", "in_progress", "on_hold", "resolved", "closed"]}
DEAD_LETTERS: Mapping[str, Any] = {
    "count": 1,
    "items": [
        {
            "service": "ai-service",
            "id": 7,
            "queue": "ai-service.categorize",
            "event_id": TICKET_UUID,
            "type": "ticket.created",
            "subject": "42",
            "state": "dead",
            "attempts": 5,
            "reason": "ValueError: the department is unknown",
            "first_failed_at": AT,
            "updated_at": AT,
            "next_attempt_at": None,
        }
    ],
    "next": None,
    "missing": [],
}
AUDIT: Mapping[str, Any] = {
    "count": 1,
    "items": [
        {
            "service": "ticket-service",
            "id": 17,
            "at": AT,
            "actor": {
                "kind": "api_key",
                "id": "user:7",
                "name": "Ann",
                "api_key_id": "0a1B2c3D",
                "api_key_name": "Nightly export",
            },
            "action": "ticket.updated",
            "record": "ticket:42",
            "ticket_id": 42,
            "task_id": None,
            "changes": [{"field": "status", "old": "pending", "new": "in_progress"}],
            "ip": "203.0.113.7",
            "request_id": REQUEST_ID,
        }
    ],
    "next": None,
    "missing": [],
}
TRACE: Mapping[str, Any] = {
    "ticket_id": 42,
    "hops": [
        {
            "at": AT,
            "service": "ai-service",
            "step": "consumed by ai-service.categorize",
            "event": "ticket.created",
            "event_id": TICKET_UUID,
            "queue_ms": 4.1,
            "took_ms": 61.3,
            "attempts": 1,
            "request_id": REQUEST_ID,
            "outcome": "done",
        }
    ],
    "total_ms": 65.4,
    "missing": [],
}
