"""A provider that is broken or down, and answers of another one: a clear error, and password logins go on."""

from typing import Any

import pytest

from tests.identity_provider import Behaviour, Provider, answer

from .conftest import Browser, Connect, Desk, NewProvider, refused


def body(content: bytes, status: int = 200, **headers: str) -> Behaviour:
    return lambda handler: answer(handler, status, content, **headers)


METADATA_OF_A_CLOUD = "http://169.254.169.254/latest/meta-data"
FAULTY = {"10 MB": body(b" " * 10_000_000), "redirect": body(b"", 302, Location=METADATA_OF_A_CLOUD)}
STEPS = ("openid-configuration", "token", "certs")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_answer_at_any_step_is_a_clear_error(
    browser: Browser, connection: Any, provider: Provider, step: str, name: str
) -> None:
    refused(sign_in_with(browser, connection, provider, step, FAULTY[name]), 409, "provider_faulty")


@pytest.mark.parametrize("step", STEPS)
def test_a_provider_that_is_down_is_503_and_passwords_work(
    desk: Desk, browser: Browser, connection: Any, provider: Provider, step: str
) -> None:
    response = sign_in_with(browser, connection, provider, step, body(b"Traceback", 500))
    refused(response, 503, "provider_unavailable")
    assert int(response.headers["Retry-After"]) >= 1
    assert desk.log_in().status_code == 200


def sign_in_with(browser: Browser, connection: Any, provider: Provider, step: str, behaviour: Behaviour) -> Any:
    """Sign in while a step of the provider behaves in that way; return the answer that it causes."""
    if step == "openid-configuration":
        provider.behaviours[step] = behaviour
        return browser.start(connection)
    query = browser.at_provider(connection, provider)
    provider.behaviours[step] = behaviour
    return browser.call_back(connection, query)


def test_passwords_work_while_all_calls_to_providers_hang(
    desk: Desk, browser: Browser, connection: Any, provider: Provider
) -> None:
    calls = desk.app.extensions["service_kit"].dependencies.sign_in_start.providers._calls
    taken = [calls._slots.acquire(blocking=False) for _ in range(calls.limits.max_calls)]
    try:
        refused(browser.start(connection), 503, "provider_unavailable")
        assert desk.log_in().status_code == 200
    finally:
        for _ in filter(None, taken):
            calls._slots.release()
    assert browser.start(connection).status_code == 303


@pytest.mark.parametrize("issuer", ["https://accounts.google.com", "", "x" * 10_000])
def test_an_answer_of_another_issuer_reaches_no_token_endpoint(
    browser: Browser, connection: Any, provider: Provider, issuer: str
) -> None:
    query = browser.at_provider(connection, provider) | {"iss": issuer}
    refused(browser.call_back(connection, query), 401, "sign_in_not_verified")
    assert "/realms/staff/token" not in provider.requests


def test_a_provider_that_names_its_issuer_must_do_so(
    browser: Browser, connect: Connect, new_provider: NewProvider
) -> None:
    provider = new_provider(discovery={"authorization_response_iss_parameter_supported": True})
    connection = connect(provider)
    refused(browser.come_back(connection, provider), 401, "sign_in_not_verified")
    query = browser.at_provider(connection, provider) | {"iss": provider.issuer}
    assert browser.call_back(connection, query).status_code == 200


def test_an_answer_of_one_provider_never_goes_to_another(
    browser: Browser, connect: Connect, new_provider: NewProvider
) -> None:
    """Mix-up: the code of an honest provider would reach the attacker's token endpoint."""
    honest, hostile = new_provider(), new_provider()
    to_honest, to_hostile = connect(honest), connect(hostile, name="Hostile")
    query = browser.at_provider(to_honest, honest)
    refused(browser.call_back(to_hostile, query), 400, "sign_in_expired")
    assert "/realms/staff/token" not in hostile.requests
