"""Which providers prove addresses: those that the operator names, and never one for being a company's own."""

from dataclasses import replace
from typing import Any

import pytest
from auth_service.domain.sso_connection import ProvingProviders
from auth_service.settings import read_settings
from flask import Flask

from tests.identity_provider import Provider

from ...conftest import Published
from .conftest import Browser, Desk

OPERATOR = 1


def name_providers(app: Flask, monkeypatch: pytest.MonkeyPatch, *issuers: str, operator: int = OPERATOR) -> None:
    """Let the operator name providers."""
    kit = app.extensions["service_kit"]
    proving = ProvingProviders(frozenset(issuers), operator)
    finish = replace(kit.dependencies.sign_in_finish, proving=proving)
    monkeypatch.setattr(kit, "dependencies", replace(kit.dependencies, sign_in_finish=finish))


def test_a_companys_own_provider_proves_no_address(
    desk: Desk, browser: Browser, connection: Any, provider: Provider, published: Published
) -> None:
    """A founder may connect a provider that calls every address verified."""
    browser.sign_in(connection, provider)
    ben = desk.users()["ben@acme.example"]
    assert (ben["email_verified"], ben["email_confirmed"]) == (True, False)
    assert not any(event["email_confirmed"] for event in published("user.%ated"))


def test_a_provider_that_the_operator_names_proves_the_addresses_that_it_has_verified(
    desk: Desk,
    browser: Browser,
    connection: Any,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
    published: Published,
) -> None:
    browser.sign_in(connection, provider)
    name_providers(desk.app, monkeypatch, provider.issuer)
    for claims in ({"email_verified": False}, {"email_verified": True, "email": "carl@acme.example"}):
        provider.person |= claims
        browser.sign_in(connection, provider)
        assert not desk.users()["ben@acme.example"]["email_confirmed"]
    provider.person |= {"email": "BEN@acme.example"}
    for _ in range(2):
        browser.sign_in(connection, provider)
    assert desk.users()["ben@acme.example"]["email_confirmed"]
    (event,) = published("user.updated")
    assert (event["email_confirmed"], event["revision"]) == (True, 2)


def test_the_operators_company_proves_by_its_own_provider(
    desk: Desk, browser: Browser, connection: Any, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_providers(desk.app, monkeypatch, operator=desk.admin.company)
    browser.sign_in(connection, provider)
    assert desk.users()["ben@acme.example"]["email_confirmed"]


@pytest.mark.parametrize(
    ("given", "issuers"),
    [
        ({}, {"https://accounts.google.com"}),
        ({"SSO_PROVING_ISSUERS": "https://a.example, https://b.example/realms/x"},
         {"https://a.example", "https://b.example/realms/x"}),
        ({"SSO_PROVING_ISSUERS": "none"}, set()),
    ],
)  # fmt: skip
def test_google_proves_addresses_unless_the_setting_names_others(given: dict[str, str], issuers: set[str]) -> None:
    assert read_settings({"SMARTTICKET_ENV": "development", **given}).sso_proving_issuers == issuers
