"""The caller of a request, and the roles."""

from dataclasses import dataclass

REQUESTER = "requester"
AGENT = "agent"
MANAGER = "manager"
ADMIN = "admin"
SERVICE = "service"
ROLES = frozenset({REQUESTER, AGENT, MANAGER, ADMIN, SERVICE})


@dataclass(frozen=True, slots=True)
class Caller:
    """A person of a company, or a service that acts for one (role `service`).

    `subject` is the caller's permanent id, `name` is for display.
    """

    company_id: int
    role: str
    subject: str
    name: str
