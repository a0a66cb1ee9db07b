"""Fields that several schemas share."""

from typing import Any

from flask import g
from marshmallow import fields, validate
from service_kit.http.text import not_blank

from rag_service.domain.words import OtherCompany

LONGEST_QUESTION = 4_000
LONGEST_TICKET = 100_000
MOST_PASSAGES = 50


def question(longest: int = LONGEST_QUESTION, **more: Any) -> fields.String:
    """Return the field of what somebody asks."""
    return fields.String(validate=[validate.Length(1, longest), not_blank], **{"required": True, **more})


def company_id() -> fields.Integer:
    """Return the field of the company; it may be left out, for the caller's is the only one that works."""
    return fields.Integer(strict=True, load_default=None, validate=validate.Range(1, 2**31 - 1))


def own_company(given: int | None) -> int:
    """Return the caller's company; raise OtherCompany where the body names another."""
    own: int = g.caller.company_id
    if given is not None and given != own:
        raise OtherCompany("There is no such company.")
    return own
