"""The one who deleted a company, and from where."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Deleter:
    """The one who deletes a company, without a name or an e-mail address.

    `kind` is that of the audit: `user`, `api_key` or `system` (the operator's command).
    """

    kind: str
    actor: str
    """The id of the user, such as `user:7`, or `operator`."""
    origin: str
    """The client's address, or the name of the machine on which the command ran."""
    key_id: str = ""
    """The id of the API key, '' without one."""


@dataclass(frozen=True)
class CompanyDeletion:
    """A deletion as the operator sees it; `by` is None where it was made before these records were kept."""

    company_id: int
    deleted_at: datetime
    removed_at: datetime | None
    """When the removal of everything ended in auth-service."""
    by: Deleter | None
    request_id: str
