"""Fields that several schemas share."""

from typing import Any

from flask import g
from marshmallow import fields, validate
from service_kit.http.text import not_blank

from rag_service.domain.errors import OtherCompany

MAX_QUESTION_CHARACTERS = 4_000
MAX_TICKET_CHARACTERS = 100_000
MAX_PASSAGES = 50


def question(max_characters: int = MAX_QUESTION_CHARACTERS, **more: Any) -> fields.String:
    """Return a required text field for a question."""
    return fields.String(validate=[validate.Length(1, max_characters), not_blank], **{"required": True, **more})


def company_id_field() -> fields.Integer:
    """Return the optional field `company_id`; the caller's company is the only value that works."""
    return fields.Integer(strict=True, load_default=None, validate=validate.Range(1, 2**31 - 1))


def callers_company(given: int | None) -> int:
    """Return the caller's company; raise OtherCompany where the body names another."""
    own: int = g.caller.company_id
    if given is not None and given != own:
        raise OtherCompany("company_id is not your company's; leave it out.")
    return own
