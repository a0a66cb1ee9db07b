"""The form of an access token: a person's identity, signed by auth-service and verified by the gateway.

A JWT (RFC 7519) with an ES256 signature, of the type `at+jwt` (RFC 9068) and valid for 15 minutes. Any JWT library
verifies it by the keys under `/.well-known/jwks.json`. Services accept the gateway's internal token only.
"""

from service_kit.identity.caller import ADMIN, AGENT, MANAGER, REQUESTER

ALGORITHM = "ES256"
CURVE = "P-256"
TOKEN_TYPE = "at+jwt"  # noqa: S105 - a type, not a secret
AUDIENCE = "smart-ticket"
DEFAULT_ISSUER = "smart-ticket"
LIFETIME_SECONDS = 900
ROLES_OF_PEOPLE = frozenset({REQUESTER, AGENT, MANAGER, ADMIN})
