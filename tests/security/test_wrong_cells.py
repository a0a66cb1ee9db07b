"""The comparison of a service with its policy finds every kind of difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import pytest
from flask import Flask, Response, g
from service_kit.http.app import service_app
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed, public
from service_kit.http.problems import NotFound
from service_kit.identity import ADMIN, AGENT
from service_kit.service_settings import ServiceSettings, read_service_settings
from service_kit.settings import Reader
from service_kit.testing.calls import Calls

from tests.security.policy import Ask, Target, wrong_cells

SERVICE = "ai-service"
ANSWERS = {
    "all": ["allowed", "allowed", "404"],
    "own": ["allowed", "404", "404"],
    "no": ["403"] * 3,
    "may": ["allowed"],
    "operator": ["allowed"],
}
ROWS: dict[int, Target] = {}


class Api(Calls):
    name: ClassVar[str] = SERVICE


@dataclass(frozen=True)
class Declared:
    key: str
    words: Mapping[str, str]
    method: str = "GET"

    def answers(self, role: str) -> Sequence[str]:
        return ANSWERS[self.words[role]]


@pytest.fixture
def app() -> Flask:
    rows = Blueprint("rows", __name__)

    @rows.get("/rows/<int:number>")
    @allowed(ADMIN, AGENT)
    def of_company(number: int) -> Response:
        """Show a row of the company."""
        if ROWS[number].company != g.caller.company_id:
            raise NotFound("There is no such row.")
        return json_response({})

    @rows.get("/leaky/<int:number>")
    @allowed(ADMIN, AGENT)
    def of_everybody(number: int) -> Response:
        """Show any row."""
        return json_response({"row": number})

    @rows.get("/list")
    @allowed(ADMIN, AGENT)
    def listed() -> Response:
        """List the rows of the company."""
        return json_response({"rows": [str(row) for row in ROWS.values() if row.company == g.caller.company_id]})

    @rows.get("/open/<int:number>")
    @public
    def without_token(number: int) -> Response:
        """Show any row to everybody."""
        return json_response({"row": number})

    reader = Reader({"SMARTTICKET_ENV": "development"})
    settings = ServiceSettings(**read_service_settings(reader, service=SERVICE, schema="ai", port=5002))
    return service_app(settings, None, [rows])


def stored(path: str) -> object:
    def build(target: Target) -> Ask:
        ROWS[target.number] = target
        return Ask(f"{path}/{target.number}")

    return build


def wrong(app: Flask, path: str, agent: str, admin: str = "all") -> list[str]:
    row = Declared(f"GET {path}", {"agent": agent, "admin": admin})
    return wrong_cells(Api, app.test_client(), row, stored(path))  # type: ignore[arg-type]


def test_a_service_that_answers_as_declared_has_no_wrong_cell(app: Flask) -> None:
    assert wrong(app, "/rows", "all") == []


def test_a_foreign_row_that_is_shown_is_found(app: Flask) -> None:
    assert wrong(app, "/leaky", "all") == [
        "GET /leaky: agent, other company: allowed, not 404",
        "GET /leaky: admin, other company: allowed, not 404",
    ]


def test_a_colleagues_row_that_is_shown_is_found(app: Flask) -> None:
    assert wrong(app, "/rows", "own") == ["GET /rows: agent, same company: allowed, not 404"]


def test_a_role_that_should_be_refused_and_one_that_should_not_are_found(app: Flask) -> None:
    assert len(wrong(app, "/rows", "no")) == 3
    row = Declared("GET /rows", {"requester": "may"})
    (cell,) = wrong_cells(Api, app.test_client(), row, stored("/rows"))  # type: ignore[arg-type]
    assert cell == "GET /rows: requester, own: 403, not allowed"


def test_a_route_of_the_operator_that_another_company_may_call_is_found(app: Flask) -> None:
    row = Declared("GET /leaky", {"admin": "operator"})
    assert wrong_cells(Api, app.test_client(), row, stored("/leaky")) == [  # type: ignore[arg-type]
        "GET /leaky: admin of another company than the operator's: allowed, not 403"
    ]


def test_a_route_that_needs_no_token_is_found(app: Flask) -> None:
    assert "GET /open: without a token: 200, not 401" in wrong(app, "/open", "all")


def test_a_row_that_a_list_lacks_or_should_lack_is_found(app: Flask) -> None:
    def build(target: Target) -> Ask:
        ROWS[target.number] = target
        return Ask("/list", shows=str(target))

    def found(word: str) -> list[str]:
        return wrong_cells(Api, app.test_client(), Declared("GET /list", {"agent": word}), build)

    assert found("all") == []
    assert found("own") == ["GET /list: agent, same company: allowed, not 404"]
    missing = Declared("GET /list", {"agent": "may"})
    assert wrong_cells(Api, app.test_client(), missing, lambda _: Ask("/list", shows="nowhere")) == [
        "GET /list: agent, own: 404, not allowed"
    ]
