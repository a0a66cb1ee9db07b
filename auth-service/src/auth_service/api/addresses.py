"""Addresses that come from elsewhere than a request's fields."""

from marshmallow import ValidationError
from service_kit.http.email import validated

from auth_service.domain.address import address_key
from auth_service.domain.sign_in import Address


def address_of(text: str) -> Address | None:
    """Return a valid address, None for a text that is none."""
    try:
        local_part, domain = split(text)
    except ValidationError:
        return None
    return Address(text, address_key(local_part, domain), domain)


def split(address: str) -> tuple[str, str]:
    """Return the local part and the domain in IDNA's ASCII form, for comparison; raise ValidationError.

    Addresses of a company's own mail servers are accepted.
    """
    valid = validated(address, inside=True)
    return valid.local_part, (valid.ascii_domain or valid.domain).lower()
