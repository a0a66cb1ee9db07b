"""Valid e-mail addresses, with and without ALLOW_INSIDE_ADDRESSES."""

from typing import Any

import pytest
from flask import Response
from marshmallow import Schema, ValidationError
from service_kit.http.app import service_app
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.email import Email, validated
from service_kit.http.policy import public

from .conftest import settings_for

EVERYWHERE = [
    "anna@example.org", "Anna.Müller@example.org", "o'brien+desk@mail.example.co.uk", "用户@例子.中国", "a@münchen.de",
    "a@xn--mnchen-3ya.de", "ayşe.yılmaz@örnek.com.tr", "it@corp.local", "tests@host.test",
    "x_y-z@sub-domain.example.info",
    "1@2.de", "a" * 64 + "@example.org", "почта@пример.рф",
]  # fmt: skip
INSIDE = [
    "root@localhost", "admin@mailserver1", "cron@db-02", '"john doe"@example.com', '"a@b"@example.org',
    "root@[10.0.0.7]",
    "postmaster@[IPv6:::1]",
]  # fmt: skip
NOWHERE = [
    "", "anna", "@example.org", "anna@", "a..b@x.org", ".a@x.org", "a.@x.org", "a@x..org", "a@.x.org", "a@x.org.",
    "a b@x.org", "a@b@x.org", "a@x_y.org", "a@-x.org",
    "a@x-.org", "Anna <anna@x.org>", "a@x.org\r\nBcc: b@y.org", "a\u0007@x.org",
    "a\u200b@x.org", "a\u202e@x.org", "a@x.org,b@y.org", "a" * 65 + "@x.org", "a@" + "x" * 64 + ".org",
    "mailto:a@x.org", "a@" + ".".join(["x" * 60] * 5) + ".org", "a(c)@x.org", "a@x.org ", " a@x.org", "a@☃.org\u0000",
]  # fmt: skip


@pytest.mark.parametrize("address", EVERYWHERE)
@pytest.mark.parametrize("inside", [False, True])
def test_an_ordinary_address_is_accepted(address: str, inside: bool) -> None:
    validated(address, inside=inside)


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_a_company_needs_the_setting(address: str) -> None:
    validated(address, inside=True)
    with pytest.raises(ValidationError, match="Not a valid e-mail address"):
        validated(address, inside=False)


@pytest.mark.parametrize("address", NOWHERE)
@pytest.mark.parametrize("inside", [False, True])
def test_a_malformed_address_is_refused_with_and_without_the_setting(address: str, inside: bool) -> None:
    with pytest.raises(ValidationError):
        validated(address, inside=inside)


@pytest.mark.parametrize("address", ["a@1.2.3.4", "a@b", "a@example.123"])
def test_a_domain_without_a_name_at_its_end_is_inside_at_most(address: str) -> None:
    with pytest.raises(ValidationError, match="Not a valid"):
        validated(address, inside=False)


def test_a_domain_is_the_same_in_both_its_spellings() -> None:
    spellings = ("Anna@XN--MNCHEN-3YA.de", "Anna@München.DE")
    assert {validated(each, inside=False).normalized for each in spellings} == {"Anna@münchen.de"}


@pytest.mark.parametrize(("setting", "status"), [("false", 400), ("true", 200)])
def test_the_setting_changes_the_accepted_values_of_a_field_and_a_field_keeps_the_spelling(
    setting: str, status: int
) -> None:
    class Body(Schema):
        address = Email(required=True)

    people = Blueprint("people", __name__)

    @people.post("/people")
    @public
    @people.arguments(Body)
    def take(body: dict[str, Any]) -> Response:
        """Echo an address."""
        return json_response(body)

    client = service_app(settings_for(ALLOW_INSIDE_ADDRESSES=setting), None, [people]).test_client()
    response = client.post("/people", json={"address": "Root@LocalHost"})
    assert response.status_code == status
    if status == 200:
        assert response.get_json() == {"address": "Root@LocalHost"}
    else:
        assert {error["field"] for error in response.get_json(force=True)["errors"]} == {"address"}
    assert client.post("/people", json={"address": 7}).status_code == 400
