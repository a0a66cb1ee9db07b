"""The caller and the request behind a change."""

from dataclasses import dataclass

from service_kit.telemetry.cause import Cause


@dataclass(frozen=True)
class RequestContext:
    """A company, the caller who acts in it, and the request as the cause of events.

    `actor` names the caller in trails and events: `person:<subject>`, or a service's name.
    """

    company_id: int
    actor: str
    cause: Cause
