"""The number of a ticket that people quote, such as TX20261120000042."""

import re
from datetime import UTC, date, datetime
from typing import NamedTuple

IDS_PER_NUMBER = 1_000_000
"""A number is unique as long as fewer tickets than this are stored in a day."""
_NUMBER = re.compile(r"tx([0-9]{8})([0-9]{6})")


class NumberParts(NamedTuple):
    """The day of a ticket's creation in UTC, and the last six digits of its id."""

    day: date
    last_digits: int


def ticket_number(created_at: datetime, ticket_id: int) -> str:
    """Return the number of a ticket: it follows from the day of creation (UTC) and the id, and is stored nowhere."""
    return f"TX{created_at.astimezone(UTC):%Y%m%d}{ticket_id % IDS_PER_NUMBER:06}"


def parse_number(text: str) -> NumberParts | None:
    """Return the parts of a ticket's number in any case; None for any other text."""
    found = _NUMBER.fullmatch(text.strip().lower())
    if found is None:
        return None
    try:
        return NumberParts(datetime.strptime(found[1], "%Y%m%d").replace(tzinfo=UTC).date(), int(found[2]))
    except ValueError:
        return None
