"""What a call of a paid model used and cost, as the ledger keeps it."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Tokens:
    """How many tokens one call used, as its bill counts them."""

    input: int = 0
    """Neither read from the provider's cache nor written to it."""
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0


@dataclass(frozen=True)
class Usage:
    """One call of a paid model."""

    model: str
    tokens: Tokens
    cost_micro_usd: Decimal | None
    """None where nobody knows the model's price."""
    request_id: str | None = None
    """The provider's name for the call, which its support asks for."""
