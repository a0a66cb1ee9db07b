"""The prices of models in USD per million tokens, which is the price of one token in millionths of a dollar.

Source: platform.claude.com/docs/en/models/haiku-5-5/overview, read on 2026-11-21. A model that is not listed has no
price until the operator gives one.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from model_kit.claude.usage import Tokens

CACHE_READ_SHARE = Decimal("0.1")
CACHE_WRITE_SHARE = Decimal("1.25")
"""Shares of the price of input. The share of cache writes is that of a lifetime of five minutes, the default."""

_DATE = re.compile(r"-\d{8}$")


@dataclass(frozen=True)
class Price:
    """The prices of a model's input and output tokens."""

    input: Decimal
    output: Decimal

    def of(self, tokens: Tokens) -> Decimal:
        """Return the cost of a call, in millionths of a dollar."""
        read, written = tokens.cache_read * CACHE_READ_SHARE, tokens.cache_write * CACHE_WRITE_SHARE
        return (tokens.input + read + written) * self.input + tokens.output * self.output


@dataclass(frozen=True)
class Tariff:
    """A price, and another one, `long_prompt_price`, for calls whose prompt exceeds `max_prompt_tokens`."""

    price: Price
    max_prompt_tokens: int | None = None
    long_prompt_price: Price | None = None

    def of(self, tokens: Tokens) -> Decimal:
        """Return the cost of a call, in millionths of a dollar."""
        is_long = self.max_prompt_tokens is not None and tokens.prompt > self.max_prompt_tokens
        return (self.long_prompt_price if is_long and self.long_prompt_price else self.price).of(tokens)


PRICE_LIST = {
    "claude-haiku-5-5": Tariff(
        Price(Decimal("0.10"), Decimal("0.50")), 100_000, Price(Decimal("0.50"), Decimal("2.50"))
    ),
}


@dataclass(frozen=True)
class Prices:
    """The operator's price if there is one, else the price list's."""

    operator_price: Price | None = None
    """Applies to every model."""

    def of(self, model: str, tokens: Tokens) -> Decimal | None:
        """Return the cost of a call, in millionths of a dollar; None if the model has no price.

        A model's name may carry a date, `claude-haiku-5-5-20261007`; the price is the same.
        """
        if self.operator_price is not None:
            return self.operator_price.of(tokens)
        tariff = PRICE_LIST.get(model) or PRICE_LIST.get(_DATE.sub("", model))
        return None if tariff is None else tariff.of(tokens)
