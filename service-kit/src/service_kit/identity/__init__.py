"""The caller of a request, and the signed token that carries the caller between services."""

from service_kit.identity.caller import ADMIN, AGENT, ANONYMOUS, MANAGER, REQUESTER, ROLES, SERVICE, Caller, anonymous
from service_kit.identity.tokens import CHALLENGE, HEADER, BadKey, BadToken, TokenSigner, TokenVerifier, public_key
