"""Addresses are compared by their two parts."""

import pytest
from auth_service.api.addresses import split
from marshmallow import ValidationError

NOWHERE = ["", "anna", "@example.org", "anna@", "a..b@x.org", "a@x_y.org", "Anna <anna@x.org>", "a@x.org,b@y.org"]


@pytest.mark.parametrize(
    "spellings",
    [
        ("ada@bücher.example", "ada@BÜCHER.example", "ada@xn--bcher-kva.example", "ada@XN--BCHER-KVA.example"),
        ("ada@例え.example", "ada@xn--r8jz45g.example"),
        ("root@[10.0.0.7]", "root@[10.0.0.7]"),
        ('"john doe"@Example.com', '"john doe"@example.com'),
    ],
)
def test_spellings_of_one_domain_are_equal_once_split(spellings: tuple[str, ...]) -> None:
    ((_, domain),) = {split(address) for address in spellings}
    assert domain.isascii()
    assert domain == domain.lower()


def test_what_is_no_address_cannot_be_split() -> None:
    for address in NOWHERE:
        with pytest.raises(ValidationError):
            split(address)
