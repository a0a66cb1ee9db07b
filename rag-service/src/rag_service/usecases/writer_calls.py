"""The paid calls and failures of the writer during one answer."""

from dataclasses import dataclass, field

from rag_service.usecases.writer import PaidCall, WriterFailed


@dataclass
class WriterCalls:
    """The paid calls and failures of the writer during one answer."""

    usages: list[PaidCall] = field(default_factory=list)
    failures: list[WriterFailed] = field(default_factory=list)

    def add(self, used: PaidCall | None) -> None:
        if used is not None:
            self.usages.append(used)

    def failed(self, failure: WriterFailed) -> None:
        self.failures.append(failure)
        self.add(failure.used)

    @property
    def is_unhealthy(self) -> bool:
        """Return whether the writer is not worth another wait."""
        return any(failure.health == "ill" for failure in self.failures)
