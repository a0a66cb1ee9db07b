"""Templates of companies for notifications, and what may stand in them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from notification_service.domain.account_mail import AccountMail
from notification_service.domain.kinds import DIGEST, Kind

MAX_TEMPLATES = 200
MAX_BODY_CHARACTERS = 10_000
MAX_RENDERED_CHARACTERS = 64_000
MAX_VALUES = 50
MAX_VALUE_CHARACTERS = 2_000
TYPE = re.compile(r"[a-z][a-z0-9_]{0,49}\Z")
EVENT_VARIABLES = ("subject", "message", "kind", "ticket_id", "priority", "due", "internal", "steps", "clock", "step")
"""The variables of templates for kinds of events: the standard texts, and the facts that a kind has."""
NO_TEMPLATES = frozenset({*AccountMail, DIGEST})
"""Kinds of mails whose texts are the same for all companies."""
Value = str | int | float | bool | None
Context = Mapping[str, Value]


class TemplateNotFound(Exception):
    """The company has no such template."""

    def __init__(self, template_id: int) -> None:
        super().__init__(f"there is no template {template_id}")


class TemplateExists(Exception):
    """The company has a template for the type already."""


class TooManyTemplates(Exception):
    """The company has reached the limit of templates."""


class BadTemplate(Exception):
    """A template can't be used, or not with these values; `errors` names the field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.errors = [{"field": field, "message": message}]


@dataclass(frozen=True)
class Template:
    """A company's template for one type of notification."""

    company_id: int
    id: int
    notification_type: str
    subject: str
    body: str
    version: int
    created_at: datetime
    updated_at: datetime


def is_of_events(notification_type: str) -> bool:
    """Return whether a type is a kind of events, of mails about accounts, or the digest; programs don't send those."""
    return notification_type in {*Kind, *NO_TEMPLATES} - {Kind.MESSAGE}
