"""The OpenAPI document as the gateway shows it, made without running anything."""

from typing import Any

from api_gateway.aliases import Alias

from scripts import public_api


def public_document() -> dict[str, Any]:
    """Return the merged document of all services, without aliases of older addresses."""
    return public_api.current(without=Alias)
