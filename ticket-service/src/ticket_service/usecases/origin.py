"""Who asked for a change."""

from dataclasses import dataclass

from service_kit.messaging.event import Cause


@dataclass(frozen=True)
class Origin:
    """A caller of a company and the request by which they ask. `actor` is how trails and events name them."""

    company_id: int
    actor: str
    cause: Cause
