"""Who is calling."""

from dataclasses import dataclass

REQUESTER = "requester"
AGENT = "agent"
MANAGER = "manager"
ADMIN = "admin"
SERVICE = "service"
ROLES = frozenset({REQUESTER, AGENT, MANAGER, ADMIN, SERVICE})


@dataclass(frozen=True, slots=True)
class Caller:
    """A person of a company, or a service acting for one (role `service`).

    `subject` identifies the caller for good, `name` is what people read.
    """

    company_id: int
    role: str
    subject: str
    name: str
