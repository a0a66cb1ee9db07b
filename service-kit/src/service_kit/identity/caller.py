"""The caller of a request, and the roles."""

from dataclasses import dataclass

REQUESTER = "requester"
AGENT = "agent"
MANAGER = "manager"
ADMIN = "admin"
SERVICE = "service"
ROLES = frozenset({REQUESTER, AGENT, MANAGER, ADMIN, SERVICE})
ANONYMOUS = "anonymous"
"""The role of a caller whose identity is unknown. No access policy can name it: it is not one of ROLES."""
NO_COMPANY = 0


@dataclass(frozen=True, slots=True)
class Caller:
    """A person of a company, or a service that acts for one (role `service`).

    `subject` is the caller's permanent id, `name` is for display.
    """

    company_id: int
    role: str
    subject: str
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
