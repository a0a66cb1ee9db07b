"""Every service answers 401 to every token of the corpus, before it asks its database anything."""

import pytest
from service_kit.identity import HEADER
from smartticket_contracts import policy

from tests.architecture.apps import WITH_ROUTES, app_of
from tests.security.bad_tokens import bad_tokens
from tests.security.token_kinds import access_kind, internal_kind


def route_of(service: str) -> str:
    """Return a protected route without parameters."""
    return next(row.path for row in policy.rows(service) if row.method == "GET" and "{" not in row.path)


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_a_service_answers_401_to_every_bad_token(service: str) -> None:
    client, path = app_of(service).test_client(), route_of(service)
    accepted, told = [], []
    # A person's own token is for the gateway alone: a service refuses it although its signature is good.
    for name, token in (bad_tokens(internal_kind(service)) | {"an access token": access_kind()[0].good()}).items():
        answer = client.get(path, headers={HEADER: token})
        if answer.status_code != 401 or answer.json["code"] != "unauthorized":
            accepted.append(name)
        if set(answer.json) > {"type", "title", "status", "code", "detail", "request_id", "instance"}:
            told.append(name)
    assert accepted == []
    assert told == []


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_a_service_reads_identity_from_no_other_header(service: str) -> None:
    good = internal_kind(service).good()
    client, path = app_of(service).test_client(), route_of(service)
    for headers in (
        {"Authorization": f"Bearer {good}"},
        {"Authorization": f"Bearer {access_kind()[0].good()}"},
        {"Cookie": f"{HEADER}={good}"},
        {"X_Internal_Token ": good},
        {"X-User-Id": "user:7", "X-Company-Id": "1", "X-Role": "admin"},
        {"X-Forwarded-User": "admin", "Remote-User": "admin", "X-Remote-User": "admin"},
    ):
        assert client.get(path, headers=headers).status_code == 401
    assert client.get(f"{path}?token={good}&access_token={good}").status_code == 401
