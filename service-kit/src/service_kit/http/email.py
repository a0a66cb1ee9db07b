"""Validation of e-mail addresses by email-validator. It checks the syntax and looks no domain up.

`ALLOW_INSIDE_ADDRESSES` adds the addresses that only a company's own mail servers deliver: `root@localhost`,
`admin@mailserver1`, `"john doe"@example.com`, `operator@[10.0.0.7]`.
"""

import re
from typing import Any

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, ValidatedEmail, validate_email
from flask import current_app
from marshmallow import ValidationError, fields

MAX_EMAIL_CHARACTERS = 254
NOT_VALID = "Not a valid e-mail address."
# Companies use .local and .test for internal mail. The library documents changing this list to accept them.
SPECIAL_USE_DOMAIN_NAMES.clear()
_TOP_LEVEL = re.compile(r"\.[^.]*[^\W\d_][^.]*\Z")


class Email(fields.String):
    """An e-mail address; the value keeps the given spelling."""

    def __init__(self, **options: Any) -> None:
        """`options` are those of `fields.String`."""
        super().__init__(metadata={"format": "email", "maxLength": MAX_EMAIL_CHARACTERS}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs))
        validated(text, inside=current_app.extensions["service_kit"].settings.allow_inside_addresses)
        return text


def validated(address: str, *, inside: bool) -> ValidatedEmail:
    """Return an address with its parts, the domain in lower case and in Unicode; raise ValidationError.

    `inside` also accepts domains without a dot, quoted local parts and IP addresses.
    """
    if len(address) > MAX_EMAIL_CHARACTERS:
        raise ValidationError(f"Longer than {MAX_EMAIL_CHARACTERS} characters.")
    try:
        valid = validate_email(
            address,
            check_deliverability=False,
            globally_deliverable=False,
            strict=True,
            allow_quoted_local=inside,
            allow_domain_literal=inside,
        )
    except EmailNotValidError as error:
        raise ValidationError([NOT_VALID, str(error)]) from error
    if not inside and not _TOP_LEVEL.search(valid.domain):
        raise ValidationError([NOT_VALID, "The domain needs a dot and a name after it, such as example.org."])
    return valid
