"""How many saved views a person has, and how many macros a company, also where requests come at the same time."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from service_kit.identity import AGENT, MANAGER
from service_kit.testing.postgres import ServiceDatabase
from ticket_service.service import SERVICE
from ticket_service.settings import Settings

from ..conftest import Api

VIEW = {"name": "Urgent", "filter": {"priority": ["urgent"]}, "sort": "created", "shared": False}
MACRO = {"name": "Take it", "actions": {"status": "in_progress"}}
MOST, AT_ONCE = 3, 8


@pytest.fixture(scope="module")
def limited(read: Callable[..., Settings]) -> Iterator[Flask]:
    """The service with low limits."""
    settings = read(DB_POOL_SIZE="12", VIEWS_PER_PERSON=str(MOST), MACROS_PER_COMPANY=str(MOST))
    process = SERVICE.instance(settings)
    yield process.create_app()
    process.close()


@pytest.fixture
def ann(limited: Flask, made: ServiceDatabase) -> Api:
    """A manager of an empty company."""
    made.clean()
    return Api(limited.test_client(), role=MANAGER, subject="user:1")


@pytest.mark.parametrize(
    ("path", "body", "code"), [("/api/views", VIEW, "too_many_views"), ("/api/macros", MACRO, "too_many_macros")]
)
def test_no_more_than_the_limit_are_stored_by_requests_at_once(
    ann: Api, limited: Flask, path: str, body: dict[str, Any], code: str
) -> None:
    barrier = Barrier(AT_ONCE)

    def post(_number: int) -> Any:
        mine = replace(ann, client=limited.test_client())
        barrier.wait()
        return mine.call("POST", path, body)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(post, range(AT_ONCE)))
    assert sorted(answer.status_code for answer in answers) == [201] * MOST + [409] * (AT_ONCE - MOST)
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} == {code}
    (first, *_) = ann.every(path)
    assert ann.call("DELETE", f"{path}/{first['id']}").status_code == 204
    assert ann.call("POST", path, body).status_code == 201


def test_the_limit_is_that_of_a_person_and_of_a_company(ann: Api) -> None:
    for _ in range(MOST):
        assert ann.call("POST", "/api/views", VIEW | {"shared": True}).status_code == 201
        assert ann.call("POST", "/api/macros", MACRO).status_code == 201
    assert ann.call("POST", "/api/views", VIEW).status_code == 409
    assert replace(ann, role=AGENT, subject="user:2").call("POST", "/api/views", VIEW).status_code == 201
    assert replace(ann, subject="user:2").call("POST", "/api/macros", MACRO).status_code == 409
    assert replace(ann, company=2).call("POST", "/api/macros", MACRO).status_code == 201
