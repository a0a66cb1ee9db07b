"""Tokens and cost of a call of a paid model, as the ledger stores them."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Tokens:
    """The tokens of one call, as the provider bills them."""

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
    """None where the model's price is unknown."""
    request_id: str | None = None
    """The provider's id of the call, which its support asks for."""
