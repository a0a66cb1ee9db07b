"""The API's index, and the list of ticket statuses."""

from collections.abc import Sequence
from typing import Any

from api_gateway.endpoints.local_endpoint import LocalEndpoint
from api_gateway.messages import Request, Response, json_response
from api_gateway.routes import Route

STATUSES = ("pending", "in_progress", "on_hold", "resolved", "closed")


class Index:
    """`/`."""

    def __init__(self) -> None:
        self._endpoints: list[dict[str, Any]] = []

    def describe(self, entries: Sequence[Route | LocalEndpoint]) -> None:
        """Set the endpoints to list; called once at start."""
        self._endpoints = [
            {
                "method": entry.method,
                "path": entry.pattern,
                "answered_by": entry.service if isinstance(entry, Route) else "api-gateway",
            }
            for entry in sorted(entries, key=lambda entry: (entry.pattern, entry.method))
        ]

    def show(self, _request: Request) -> Response:
        """Show the API's index."""
        return json_response(
            {
                "name": "Smart Ticket",
                "description": "A self-hosted help desk that files every ticket with the right department.",
                "documentation": "/docs",
                "openapi": "/openapi.json",
                "health": "/api/health",
                "endpoints": self._endpoints,
            }
        )


def statuses(_request: Request) -> Response:
    """List the statuses a ticket can have. They are part of the API, so no service is asked."""
    return json_response({"statuses": STATUSES})
