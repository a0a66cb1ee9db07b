"""Invalid input is a 4xx problem that names the field, never a 5xx."""

import gzip
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError
from service_kit.http.parsing import field_errors, refuse_text
from service_kit.http.problems import Invalid

Send = Callable[..., Any]


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.content_type == "application/problem+json"
    body: dict[str, Any] = response.get_json(force=True)
    assert body["status"] == status
    assert body["code"]
    assert body["request_id"] == response.headers["X-Request-ID"]
    return body


def fields_of(response: Any) -> set[str]:
    return {error["field"] for error in problem(response, 400)["errors"]}


def post(send: Send, raw: bytes, content_type: str | None = "application/json", **options: Any) -> Any:
    return send("POST", "/things", data=raw, content_type=content_type, **options)


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"[]", "body"),
        (b'"text"', "body"),
        (b"null", "body"),
        (b"\xff\xfe", "body"),
        (b'{"name": NaN}', "body"),
        (b'{"name": 1e999}', "body"),
        (b'{"size": 1}', "name"),
        (b'{"name": null}', "name"),
        (b'{"name": ""}', "name"),
        (b'{"name": 5}', "name"),
        (b'{"name": ["a"]}', "name"),
        (b'{"name": "a", "size": "many"}', "size"),
        (b'{"name": "a", "size": -1}', "size"),
        (b'{"name": "a", "size": 99999999999999999999999999}', "size"),
        (b'{"name": "a", "size": 1.5}', "size"),
        (b'{"name": "a", "colour": 1}', "colour"),
        (b'{"name": "a\\u0000b"}', "name"),
        (b'{"name": "a", "extra": {"deep": [{"x": "\\u0000"}]}}', "extra.deep.0.x"),
        (b'{"name": "a", "extra": {"k\\u0000": 1}}', "extra.k\\u0000"),
        (b'{"name": "\\ud800"}', "name"),
        (b'{"name": "a", "extra": {"list": ["\\udfff"]}}', "extra.list.0"),
        (b'{"name": "a", "parts": [{"label": "x"}, {}]}', "parts.1.label"),
        (b'{"name": "a", "parts": [{"label": "x", "no": 1}]}', "parts.0.no"),
        (b'{"name": "a", "extra": ' + b'{"a":' * 40 + b"1" + b"}" * 40 + b"}", "extra"),
        (b'{"name": "a", "extra": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "body"),
    ],
)
def test_a_bad_body_is_a_400_that_names_the_field(admin: Send, raw: bytes, field: str) -> None:
    assert field in fields_of(post(admin, raw))


def test_a_body_of_thirty_two_levels_is_still_accepted(admin: Send) -> None:
    # the body is the first level, extra the second, 30 more inside
    raw = b'{"name": "a", "extra": ' + b'{"a":' * 31 + b"1" + b"}" * 31 + b"}"
    assert post(admin, raw).status_code == 201


def test_many_shallow_containers_are_not_deep(admin: Send) -> None:
    assert post(admin, b'{"name": "a", "extra": {"list": [' + b"[]," * 500 + b"[]]}}").status_code == 201


def test_an_escaped_backslash_before_u0000_is_no_nul(admin: Send) -> None:
    assert post(admin, b'{"name": "a\\\\u0000"}').status_code == 201


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "application/json; charset=utf-16", None])
def test_a_foreign_content_type_is_a_415(admin: Send, content_type: str | None) -> None:
    assert problem(post(admin, b'{"name": "a"}', content_type), 415)["code"] == "unsupported_media_type"


@pytest.mark.parametrize(
    ("coding", "named"),
    [("gzip", "gzip"), ("GZIP", "gzip"), ("x-gzip", "x-gzip"), ("br", "br"), ("deflate, gzip", "deflate, gzip"),
     ("zstd", "zstd"), ("identity, gzip", "gzip"), ("utf-8", "utf-8")],
)  # fmt: skip
@pytest.mark.parametrize(("method", "path"), [("POST", "/things"), ("POST", "/forms"), ("POST", "/things/1/start")])
def test_an_encoded_body_is_a_415_that_names_the_coding(
    admin: Send, method: str, path: str, coding: str, named: str
) -> None:
    body = gzip.compress(b'{"name": "pump"}')
    response = admin(method, path, data=body, content_type="application/json", headers={"Content-Encoding": coding})
    found = problem(response, 415)
    assert named in found["detail"]
    assert [error["field"] for error in found["errors"]] == ["Content-Encoding"]
    assert response.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("coding", ["identity", "Identity", "", "identity,"])
def test_the_identity_coding_is_accepted(admin: Send, coding: str) -> None:
    assert post(admin, b'{"name": "pump"}', headers={"Content-Encoding": coding}).status_code == 201


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize(
    ("body", "content_type", "fields"),
    [
        (b'{"reason": "x", "Gr\xc3\xbcnde": 1}', "application/json", {"reason", "Gründe"}),
        (b'{"a\\u0000b": 1}', "application/json", {"a\\u0000b"}),
        (b"[]", "application/json", {"body"}),
        (b'"now"', "application/json", {"body"}),
        (b"null", "application/json", {"body"}),
        (b"{", "application/json", {"body"}),
        (b"reason=x&when=now", "application/x-www-form-urlencoded", {"reason", "when"}),
        (b"please", "text/plain", {"body"}),
        (b"\xff\x00", None, {"body"}),
    ],
)
def test_an_unexpected_body_is_a_400_that_names_its_fields(
    admin: Send, method: str, body: bytes, content_type: str | None, fields: set[str]
) -> None:
    assert fields_of(admin(method, "/things/1/start", data=body, content_type=content_type)) == fields


@pytest.mark.parametrize(("body", "content_type"), [(b"", None), (b"{}", "application/json"), (b" \n", "text/plain")])
def test_an_empty_body_is_accepted_where_none_is_expected(admin: Send, body: bytes, content_type: str | None) -> None:
    assert admin("POST", "/things/1/start", data=body, content_type=content_type).status_code == 202


def test_a_form_that_a_view_reads_itself_is_left_to_it(admin: Send) -> None:
    form = {"label": "Größe", "file": (io.BytesIO(b"x"), "a.txt")}
    assert admin("POST", "/forms", data=form).get_json() == {"name": "label"}


def test_a_body_over_a_megabyte_is_a_413(admin: Send) -> None:
    assert problem(post(admin, b"x" * (1024 * 1024 + 1)), 413)["code"] == "too_large"


def test_a_chunked_body_over_a_megabyte_is_a_413(admin: Send) -> None:
    response = admin(
        "POST",
        "/things",
        input_stream=io.BytesIO(b'{"name": "' + b"x" * (2 * 1024 * 1024)),
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True},
    )
    problem(response, 413)


@pytest.mark.parametrize(
    "thing_id",
    ["99999999999999999999999", "9223372036854775808", "-1", "1.5", "abc", "٣", "9" * 5000, "%00", "1%00"],
)
def test_an_id_that_no_row_can_have_is_a_404(admin: Send, thing_id: str) -> None:
    problem(admin("GET", f"/things/{thing_id}"), 404)


def test_the_largest_bigint_is_an_id(admin: Send) -> None:
    assert admin("GET", "/things/9223372036854775807").status_code == 200


def test_a_nul_in_a_path_is_a_404(admin: Send) -> None:
    problem(admin("GET", "/names/a%00b"), 404)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=abc", "limit"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=", "limit"),
        ("cursor=%00", "cursor"),
        ("cursor=zzzz", "cursor"),
        ("cursor=W10", "cursor"),
        ("cursor=WyJhIl0", "cursor"),
        ("a%00b=1", "a\\u0000b"),
    ],
)
def test_a_bad_query_parameter_is_a_400_that_names_it(admin: Send, query: str, field: str) -> None:
    assert fields_of(admin("GET", f"/things?{query}")) == {field}


@pytest.mark.parametrize(
    ("method", "path", "fields"),
    [
        ("GET", "/things?limit=3&utm_source=mail", {"utm_source"}),
        ("GET", "/things?tema=Netzwerk&Limit=3", {"tema", "Limit"}),
        ("GET", "/things?%C3%A9tat=ouvert", {"état"}),
        ("GET", "/things?limit=3&limit=4", {"limit"}),
        ("GET", "/things?=3", {""}),
        ("GET", "/things?colour", {"colour"}),
        ("HEAD", "/things?colour=red", None),
        ("GET", "/things/1?fields=name", {"fields"}),
        ("POST", "/things?dry_run=true", {"dry_run"}),
        ("GET", "/whoami?limit=3", {"limit"}),
    ],
)
def test_an_unknown_query_field_is_a_400_that_names_it(
    admin: Send, method: str, path: str, fields: set[str] | None
) -> None:
    response = admin(method, path, json={"name": "pump"} if method == "POST" else None)
    assert response.status_code == 400
    if fields is not None:
        assert fields_of(response) == fields


def test_a_forbidden_caller_learns_no_field_names(client: FlaskClient) -> None:
    assert client.get("/things?colour=red").status_code == 401


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics", "/openapi.json"])
def test_the_common_views_accept_no_query_field(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code in {200, 503}
    assert fields_of(client.get(f"{path}?verbose=1")) == {"verbose"}


def test_a_field_with_several_faults_is_one_error() -> None:
    messages = ValidationError({"a": ["Too long.", "Not in NFC.", "Too long."]}).messages
    assert field_errors(messages) == [{"field": "a", "message": "Too long. Not in NFC."}]


def test_marshmallows_nested_messages_become_dotted_fields() -> None:
    messages = ValidationError({"a": {"b": {0: ["x"]}}, "_schema": ["y"]}).messages
    assert field_errors(messages) == [{"field": "a.b.0", "message": "x"}, {"field": "body", "message": "y"}]


json_like = st.recursive(
    st.none() | st.integers() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], min_codepoint=1)), inner)
    ),
    max_leaves=20,
)


@given(json_like)
def test_valid_text_is_never_refused(value: Any) -> None:
    refuse_text(value)


@given(json_like, st.sampled_from(["\x00", "\ud800", "\udfff"]))
def test_bad_text_is_found_wherever_it_is(value: Any, bad: str) -> None:
    with pytest.raises(Invalid) as caught:
        refuse_text({"outer": [value, {"inner": f"a{bad}b"}]})
    assert {error["field"] for error in caught.value.errors} == {"outer.1.inner"}
