"""Partners: systems outside that decide about assets and budgets."""

from dataclasses import dataclass
from typing import Any, Protocol

from workflow_service.domain.external import External, Verdict


class PartnerClosed(Exception):
    """The breaker of the partner is open: no call was made. `retry_after` is in seconds."""

    def __init__(self, partner: str, retry_after: float) -> None:
        super().__init__(f"{partner} has failed too often lately")
        self.retry_after = retry_after


@dataclass(frozen=True)
class Question:
    """A request that is due, with the part of its task that the partner learns."""

    external: External
    department: str | None

    @property
    def data(self) -> dict[str, Any]:
        """Return the data that a person gave."""
        return dict(self.external.request or {})


class Partner(Protocol):
    """A partner that answers requests of one kind; threads share it."""

    name: str
    kind: str

    @property
    def is_called(self) -> bool:
        """Return whether the breaker lets every call through."""

    def ask(self, question: Question) -> Verdict:
        """Call the partner once and return what is known then; raise PartnerClosed where its breaker is open."""
