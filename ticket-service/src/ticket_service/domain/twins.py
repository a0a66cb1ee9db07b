"""Deterministic ids: the same text of the same customer is the same ticket while that one is open."""

import json
from uuid import UUID, uuid5

NAMESPACE = UUID("8d0f3a52-6c1e-5b7a-9a44-2f6f0c1d7e90")


def twin_key(company_id: int, customer_id: str, subject: str, body: str) -> UUID:
    """Name what makes tickets twins."""
    return _named(company_id, customer_id, subject, body)


def twin_uuid(company_id: int, customer_id: str, subject: str, body: str, number: int) -> UUID:
    """Name one of the twins; `number` counts those that were closed before it."""
    return _named(company_id, customer_id, subject, body, number)


def _named(*parts: int | str) -> UUID:
    # JSON keeps the parts apart: a plain join would make ("a:b", "c") and ("a", "b:c") one ticket.
    return uuid5(NAMESPACE, json.dumps(parts, ensure_ascii=False, separators=(",", ":")))
