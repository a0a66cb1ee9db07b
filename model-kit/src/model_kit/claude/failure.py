"""The error that ends a question to Claude without an answer."""

from service_kit.circuit_breaker import Health

from model_kit.claude.usage import Usage


class ClaudeFailed(Exception):
    """There is no answer to this question.

    `kind` is a short word for metrics. `health` is the conclusion about the server: `ill` counts for a circuit breaker,
    `well` means that the server works but can't answer this question, `unknown` that it was not reached for a reason on
    our side. `usage` is the billed usage, if any. `retry_after` is the pause in seconds that the server requested.
    """

    def __init__(
        self, kind: str, health: Health, usage: Usage | None = None, *, retry_after: float | None = None
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.health = health
        self.usage = usage
        self.retry_after = retry_after
