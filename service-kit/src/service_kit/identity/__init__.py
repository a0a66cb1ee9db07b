"""The caller of a request, and the signed token that carries the caller between services."""

from service_kit.identity.caller import ADMIN, AGENT, MANAGER, REQUESTER, ROLES, SERVICE, Caller
from service_kit.identity.tokens import HEADER, BadKey, BadToken, TokenSigner, TokenVerifier, public_key

__all__ = [
    "ADMIN",
    "AGENT",
    "HEADER",
    "MANAGER",
    "REQUESTER",
    "ROLES",
    "SERVICE",
    "BadKey",
    "BadToken",
    "Caller",
    "TokenSigner",
    "TokenVerifier",
    "public_key",
]
