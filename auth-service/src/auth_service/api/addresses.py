"""Addresses that come from elsewhere than a request's fields."""

from marshmallow import ValidationError
from service_kit.http.email import split

from auth_service.domain.address import address_key
from auth_service.domain.sign_in import Address


def address_of(text: str) -> Address | None:
    """Return a valid address, None for a text that is none."""
    try:
        local_part, domain = split(text, inside=True)
    except ValidationError:
        return None
    return Address(text, address_key(local_part, domain), domain)
