"""How a question to Claude ends without an answer."""

from typing import Literal

from model_kit.claude.usage import Usage

Health = Literal["well", "ill", "unknown"]


class ClaudeFailed(Exception):
    """There is no answer to this question.

    `kind` is a short word for metrics. `health` is what this tells about the other side: `ill` counts for a breaker,
    `well` means it is only at a loss with this question, `unknown` that it wasn't reached, because of us. `usage` is
    what it cost all the same. `retry_after` is the pause in seconds that the server asked for.
    """

    def __init__(
        self, kind: str, health: Health, usage: Usage | None = None, *, retry_after: float | None = None
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.health = health
        self.usage = usage
        self.retry_after = retry_after
