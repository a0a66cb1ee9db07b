"""`If-Match` and `If-None-Match`: which tags match, and what a route without tags answers."""

import re
from typing import Any

import pytest
from flask import Response
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st
from service_kit.http.app import service_app
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed
from service_kit.http.precondition import conditional, digest_tag, etag, read_precondition
from service_kit.identity import ADMIN, HEADER

from .conftest import settings_for, token


def client_of(tag: str) -> FlaskClient:
    """Return a client of an app with one record of this tag, whose state never changes."""
    records = Blueprint("records", __name__)

    @records.get("/records/<int:number>")
    @allowed(ADMIN)
    def show(number: int) -> Response:
        return json_response({"number": number})

    @records.put("/records/<int:number>")
    @allowed(ADMIN)
    @conditional
    def change(number: int) -> Response:
        read_precondition(lambda _record: tag).check(number)
        return json_response({"number": number}, headers={"ETag": tag})

    @records.put("/switches/<int:number>")
    @allowed(ADMIN)
    def switch(number: int) -> Response:
        return json_response({"number": number})

    return service_app(settings_for(), None, [records]).test_client()


def put(client: FlaskClient, if_match: str | None, path: str = "/records/7") -> Any:
    sent = {} if if_match is None else {"If-Match": if_match}
    return client.put(path, headers={HEADER: token(), **sent})


ALIKE = [None, "*", " * ", '"3"', '"2", "3"', '"2","3"', ' "3" ', "3", '"3-otherdigest"', 'W/"2", "3"']
OTHERS = ['"4"', 'W/"3"', 'W/"3", W/"4"', '"33"', '"03"', '"x"', '""', '"3 "', "4", '"' + "3" * 5000 + '"']
MALFORMED = ["", "abc", '"3', '3"', '"3" "4"', '"3";"4"', "W/3", "*, *", '"3",', "-3", "3.0", "\u0663"]


@pytest.mark.parametrize("header", ALIKE)
def test_a_tag_that_names_the_version_lets_the_change_pass(header: str | None) -> None:
    assert put(client_of(etag(3)), header).status_code == 200


@pytest.mark.parametrize("header", OTHERS)
def test_any_other_tag_is_412_and_a_weak_one_never_matches(header: str) -> None:
    refused = put(client_of(etag(3)), header)
    assert (refused.status_code, refused.json["code"]) == (412, "stale_version")
    assert refused.json["type"] == "/problems/stale_version"


@pytest.mark.parametrize("header", MALFORMED)
def test_what_is_no_list_of_tags_is_400_and_names_the_header(header: str) -> None:
    refused = put(client_of(etag(3)), header)
    assert (refused.status_code, refused.json["errors"][0]["field"]) == (400, "If-Match")


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=60))
@example('"' * 20_000)
@example('"a",' * 4_000)
def test_no_header_makes_a_500(header: str) -> None:
    assert put(client_of(etag(3)), header).status_code in (200, 400, 412)


def test_a_route_without_tags_refuses_them_instead_of_ignoring_them() -> None:
    client = client_of(etag(3))
    assert put(client, '"3"', "/switches/7").status_code == 412
    assert [put(client, header, "/switches/7").status_code for header in (None, "*")] == [200, 200]


def test_the_digest_of_a_record_is_its_tag_in_the_answer_and_in_the_check() -> None:
    client = client_of(digest_tag({"number": 7}))
    shown = client.get("/records/7", headers={HEADER: token()})
    assert re.fullmatch(r'"[0-9a-f]{24}"', shown.headers["ETag"])
    assert put(client, shown.headers["ETag"]).status_code == 200
    assert put(client, client.get("/records/8", headers={HEADER: token()}).headers["ETag"]).status_code == 412


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_record_that_the_caller_has_is_304_without_a_body(method: str) -> None:
    client = client_of(etag(3))
    ask = getattr(client, method)
    tag = ask("/records/7", headers={HEADER: token()}).headers["ETag"]
    for known, status in ((tag, 304), (f"W/{tag}", 304), (f'"x", {tag}', 304), ("*", 304), ('"x"', 200), ("", 200)):
        found = ask("/records/7", headers={HEADER: token(), "If-None-Match": known})
        assert (found.status_code, found.headers["ETag"]) == (status, tag), known
        assert status == 200 or found.data == b""
