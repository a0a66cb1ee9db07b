"""What models cost, in USD per million tokens, so that a token costs as many millionths of a dollar.

Source: platform.claude.com/docs/en/models/haiku-5-5/overview, read on 2026-11-21. A model that is not listed has no
price until the operator gives one.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from model_kit.claude.usage import Tokens

CACHE_READ_SHARE = Decimal("0.1")
CACHE_WRITE_SHARE = Decimal("1.25")
"""Of the price of input; writes are kept for five minutes, since nobody here asks for longer."""

_DATE = re.compile(r"-\d{8}$")


@dataclass(frozen=True)
class Price:
    """What a model's tokens cost."""

    input: Decimal
    output: Decimal

    def of(self, tokens: Tokens) -> Decimal:
        """Return what a call costs, in millionths of a dollar."""
        read, written = tokens.cache_read * CACHE_READ_SHARE, tokens.cache_write * CACHE_WRITE_SHARE
        return (tokens.input + read + written) * self.input + tokens.output * self.output


@dataclass(frozen=True)
class Tariff:
    """A price, and another one for calls whose prompt is longer than `longest_prompt`."""

    price: Price
    longest_prompt: int | None = None
    beyond: Price | None = None

    def of(self, tokens: Tokens) -> Decimal:
        """Return what a call costs, in millionths of a dollar."""
        beyond = self.longest_prompt is not None and tokens.prompt > self.longest_prompt
        return (self.beyond if beyond and self.beyond else self.price).of(tokens)


LISTED = {
    "claude-haiku-5-5": Tariff(
        Price(Decimal("0.10"), Decimal("0.50")), 100_000, Price(Decimal("0.50"), Decimal("2.50"))
    ),
}


@dataclass(frozen=True)
class Prices:
    """What calls cost: as the operator says, else as listed here."""

    own: Price | None = None
    """Of whatever model answers."""

    def of(self, model: str, tokens: Tokens) -> Decimal | None:
        """Return what a call cost, in millionths of a dollar; None where the model has no price.

        Models may sign with their date, `claude-haiku-5-5-20261007`; the price is the same.
        """
        if self.own is not None:
            return self.own.of(tokens)
        tariff = LISTED.get(model) or LISTED.get(_DATE.sub("", model))
        return None if tariff is None else tariff.of(tokens)
