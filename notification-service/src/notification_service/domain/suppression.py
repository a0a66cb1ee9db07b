"""Addresses that take no mails: a mail to them came back for good."""

from dataclasses import dataclass
from datetime import datetime


class SuppressionNotFound(Exception):
    """The company has no such suppressed address."""

    def __init__(self, suppression_id: int) -> None:
        super().__init__(f"there is no suppressed address {suppression_id}")


@dataclass(frozen=True)
class Suppression:
    """An address to which the company sends nothing."""

    id: int
    address: str
    reason: str
    created_at: datetime
