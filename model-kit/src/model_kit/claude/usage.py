"""The tokens and the cost of a call of a paid model."""

from dataclasses import dataclass
from decimal import Decimal

MAX_TOKENS = 1_000_000_000
"""No call uses more; a larger number in a response counts as 0."""


@dataclass(frozen=True)
class Tokens:
    """The number of tokens of one call, as its bill counts them."""

    input: int = 0
    """Input tokens that were neither read from the provider's cache nor written to it."""
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0

    @property
    def prompt(self) -> int:
        """Return the length of the whole prompt, on which some prices depend."""
        return self.input + self.cache_read + self.cache_write


@dataclass(frozen=True)
class Usage:
    """One call of a paid model."""

    model: str
    tokens: Tokens
    cost_micro_usd: Decimal | None
    """None if the model has no known price."""
    request_id: str | None = None
    """The provider's id of the call, needed for support requests."""
