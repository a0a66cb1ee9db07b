"""Deterministic ids of customer tickets: an equal text of the same customer is a duplicate while the ticket is open."""

import json
from uuid import UUID, uuid5

NAMESPACE = UUID("8d0f3a52-6c1e-5b7a-9a44-2f6f0c1d7e90")


def duplicate_key(company_id: int, customer_id: str, subject: str, body: str) -> UUID:
    """Return the key that all duplicates of a ticket share."""
    return _named(company_id, customer_id, subject, body)


def duplicate_uuid(company_id: int, customer_id: str, subject: str, body: str, number: int) -> UUID:
    """Return the UUID of one duplicate; `number` counts the duplicates closed before it."""
    return _named(company_id, customer_id, subject, body, number)


def _named(*parts: int | str) -> UUID:
    # JSON separates the parts: with a plain join ("a:b", "c") and ("a", "b:c") would be duplicates.
    return uuid5(NAMESPACE, json.dumps(parts, ensure_ascii=False, separators=(",", ":")))
