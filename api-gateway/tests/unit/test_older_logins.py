"""The older systems' ways to log in: their names of fields, in the request and in the response."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from werkzeug.test import Client

Make = Callable[..., Client]
TOKENS = {"access_token": "a.b.c", "refresh_token": "str_1", "token_type": "Bearer", "user": {"id": 1}}


@pytest.mark.parametrize(
    ("path", "body", "target", "sent", "answer"),
    [
        ("/token/", {"username": "a@x.example", "password": "p"}, "/api/auth/login",
         {"email": "a@x.example", "password": "p"}, {"access": "a.b.c", "refresh": "str_1"}),
        ("/token", {"email": "a@x.example", "password": "p"}, "/api/auth/login",
         {"email": "a@x.example", "password": "p"}, {"access": "a.b.c", "refresh": "str_1"}),
        ("/token/refresh/", {"refresh": "str_0"}, "/api/auth/refresh",
         {"refresh_token": "str_0"}, {"access": "a.b.c", "refresh": "str_1"}),
        ("/authentication/login", {"email": "a@x.example", "password": "p"}, "/api/auth/login",
         {"email": "a@x.example", "password": "p"}, {"token": "a.b.c"}),
    ],
)  # fmt: skip
def test_names_are_translated_both_ways(
    gateway: Make, upstream: Any, replied: Any, path: str, body: Any, target: str, sent: Any, answer: Any
) -> None:
    service = upstream(lambda handler, _: replied(handler, TOKENS))
    response = gateway(auth=service).post(path, json=body)
    assert (response.status_code, response.json) == (200, answer)
    assert int(response.headers["Content-Length"]) == len(response.data)
    assert (service.seen[0].target, orjson.loads(service.seen[0].body)) == (target, sent)


def test_a_name_under_both_of_its_names_is_400(gateway: Make, upstream: Any) -> None:
    service = upstream()
    body = {"username": "a@x.example", "email": "b@x.example", "password": "p"}
    answer = gateway(auth=service).post("/token", json=body)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (400, "email")
    assert service.seen == []


def test_a_refused_login_is_answered_as_ours_is(gateway: Make, upstream: Any, replied: Any) -> None:
    problem = {"title": "Unauthorized", "status": 401, "code": "invalid_credentials"}
    service = upstream(lambda handler, _: replied(handler, problem, 401, [("WWW-Authenticate", "Bearer")]))
    answer = gateway(auth=service).post("/token", json={"username": "a@x.example", "password": "p"})
    assert (answer.status_code, answer.json) == (401, problem)


def test_a_login_by_an_older_name_counts_as_a_login(gateway: Make, upstream: Any) -> None:
    client = gateway(auth=upstream(), RATE_LIMITS="on")
    body = {"username": "a@x.example", "password": "p"}
    ours = {"email": "a@x.example", "password": "p"}
    statuses = [client.post("/token", json=body).status_code for _ in range(3)]
    statuses += [client.post("/api/auth/login", json=ours).status_code for _ in range(3)]
    assert statuses == [200] * 5 + [429]
