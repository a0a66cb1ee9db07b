"""The caller of a request, and the roles."""

from typing import Annotated

import msgspec

REQUESTER = "requester"
AGENT = "agent"
MANAGER = "manager"
ADMIN = "admin"
SERVICE = "service"
ROLES = frozenset({REQUESTER, AGENT, MANAGER, ADMIN, SERVICE})
ANONYMOUS = "anonymous"
"""The role of a caller whose identity is unknown. No access policy can name it: it is not one of ROLES."""
NO_COMPANY = 0
MAX_COMPANY_ID = 2**31 - 1
# The claims of a token that are named otherwise than the fields: registered names, and shorter ones.
_CLAIMS = {"subject": "sub", "session": "sid", "address": "addr", "api_key": "key", "api_key_name": "key_name"}


class Caller(msgspec.Struct, frozen=True, omit_defaults=True, rename=_CLAIMS):
    """A person of a company, or a service that acts for one (role `service`).

    `subject` is the caller's permanent id, `name` is for display. msgspec writes and reads a caller as claims.
    """

    company_id: Annotated[int, msgspec.Meta(ge=NO_COMPANY, le=MAX_COMPANY_ID)]
    role: str
    subject: Annotated[str, msgspec.Meta(min_length=1)]
    name: str
    scopes: frozenset[str] | None = None
    """The scopes of an API key, such as `files:read`; None for a caller who may do all that the role may."""
    session: str = ""
    """The id of the sign-in session, '' without one."""
    address: str = ""
    """The client's address as the gateway saw it, '' where it is unknown."""
    email: str = ""
    """A person's e-mail address, '' where it is unknown."""
    api_key: str = ""
    """The id of the API key by which a program acts for the person, '' without one. It is no secret."""
    api_key_name: str = ""


def anonymous(address: str) -> Caller:
    """Return the caller of a request without identity. It passes only routes that need none."""
    return Caller(NO_COMPANY, ANONYMOUS, ANONYMOUS, "", address=address)
