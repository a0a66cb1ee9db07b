"""What the API offers, in short; and the statuses, which every client needs to know."""

from collections.abc import Sequence
from typing import Any

from api_gateway.messages import Answer, Request, json_answer
from api_gateway.own.endpoint import Own
from api_gateway.routes import Route

STATUSES = ("pending", "in_progress", "on_hold", "resolved", "closed")


class Index:
    """`/`."""

    def __init__(self) -> None:
        self._endpoints: list[dict[str, Any]] = []

    def describe(self, entries: Sequence[Route | Own]) -> None:
        """Learn what there is; called once, when all of it is known."""
        self._endpoints = [
            {
                "method": entry.method,
                "path": entry.pattern,
                "answered_by": entry.service if isinstance(entry, Route) else "api-gateway",
            }
            for entry in sorted(entries, key=lambda entry: (entry.pattern, entry.method))
        ]

    def show(self, _request: Request) -> Answer:
        """Show the API's index."""
        return json_answer(
            {
                "name": "Smart Ticket",
                "description": "A self-hosted help desk that files every ticket with the right department.",
                "documentation": "/docs",
                "openapi": "/openapi.json",
                "health": "/api/health",
                "endpoints": self._endpoints,
            }
        )


def statuses(_request: Request) -> Answer:
    """List the statuses a ticket can have. They are part of the API, so no service has to be up to tell them."""
    return json_answer({"statuses": STATUSES})
