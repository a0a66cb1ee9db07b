"""Messages in every form that senders use are read alike, and every other one is refused with a reason."""

import bz2
import gzip
import json
import zlib
from contextlib import suppress
from typing import Any

import pytest
from external_kit.celery_messages import Task, celery_message, plain_message, read_task, unpack
from external_kit.message import ExternalMessage, Refused
from hypothesis import given
from hypothesis import strategies as st

LIMIT = 100_000
NAMES = ("order_data",)
ORDER = {"id": "A-1", "note": "Grüße 🙂"}
EMBED = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
CAPTURED = (
    b'[[], {"order_data": {"id": "A-1", "note": "Gr\\u00fc\\u00dfe \\ud83d\\ude42"}},'
    b' {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]'
)
"""The body as Celery 5.7 sends it: everything but ASCII is escaped."""
HEADERS = {
    "lang": "py", "task": "orders.take", "id": "4cc7438e-afd4-4f8f-a2f3-f46567e7ca77", "shadow": None, "eta": None,
    "expires": None, "group": None, "group_index": None, "retries": 0, "timelimit": [None, None],
    "root_id": "4cc7438e-afd4-4f8f-a2f3-f46567e7ca77", "parent_id": None, "argsrepr": "()",
    "kwargsrepr": "{'order_data': {'id': 'A-1'}}", "origin": "gen1@host", "ignore_result": False,
    "replaced_task_nesting": 0, "stamped_headers": None, "stamps": {},
}  # fmt: skip


def read(body: bytes, headers: dict[str, Any] | None = None, **properties: Any) -> Task:
    message = ExternalMessage(body, headers or {}, **properties)
    return read_task(message, unpack(message, LIMIT), NAMES)


def sent(content: Any) -> bytes:
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    ("headers", "body", "name"),
    [
        (HEADERS, CAPTURED, "orders.take"),
        ({"task": "t"}, sent([[ORDER], {}, EMBED]), "t"),
        ({"task": "t"}, sent([["first", ORDER], {}, EMBED]), "t"),
        ({"task": "t"}, sent([[], ORDER, EMBED]), "t"),
        ({"task": "t", "eta": "2099-01-01T00:00:00+00:00"}, sent([[], {"order_data": ORDER}]), "t"),
        ({}, sent({"task": "t", "id": "1", "args": [], "kwargs": {"order_data": ORDER}, "retries": 0}), "t"),
        ({}, sent({"task": "t", "args": [ORDER], "kwargs": {}}), "t"),
        ({}, sent(ORDER), None),
        ({}, json.dumps(ORDER, ensure_ascii=False).encode(), None),
    ],
)  # fmt: skip
def test_every_form_gives_the_same_payload(headers: dict[str, Any], body: bytes, name: str | None) -> None:
    assert read(body, headers, content_type="application/json", content_encoding="utf-8") == Task(name, ORDER)


@pytest.mark.parametrize(
    ("compression", "compress"),
    [("application/x-gzip", zlib.compress), ("application/x-gzip", gzip.compress), ("application/x-bz2", bz2.compress)],
)
def test_compressed_bodies_are_read(compression: str, compress: Any) -> None:
    assert read(compress(CAPTURED), HEADERS | {"compression": compression}).payload == ORDER


@pytest.mark.parametrize("compress", [zlib.compress, bz2.compress])
def test_a_small_body_that_unpacks_to_a_gigabyte_is_refused_before_it_is_unpacked(compress: Any) -> None:
    kind = "application/x-gzip" if compress is zlib.compress else "application/x-bz2"
    large = compress(b" " * 30_000_000)
    assert len(large) < LIMIT
    with pytest.raises(Refused, match=f"^body: larger than {LIMIT} bytes"):
        read(large, {"compression": kind})
    with pytest.raises(Refused, match="larger than"):
        read(b" " * (LIMIT + 1))
    assert unpack(ExternalMessage(compress(b" " * LIMIT), {"compression": kind}), LIMIT) == b" " * LIMIT


@pytest.mark.parametrize(
    ("body", "headers", "properties", "field"),
    [
        (b"\x80\x04K\x01.", HEADERS, {"content_type": "application/x-python-serialize"}, "content_type"),
        (b"a: 1", {}, {"content_type": "application/x-yaml"}, "content_type"),
        (CAPTURED, HEADERS, {"content_encoding": "binary"}, "content_encoding"),
        (CAPTURED, HEADERS | {"compression": "application/zstd"}, {}, "compression"),
        (CAPTURED, HEADERS | {"compression": 7}, {}, "compression"),
        (CAPTURED, HEADERS | {"compression": "application/x-gzip"}, {}, "body"),
        (zlib.compress(CAPTURED)[:-6], HEADERS | {"compression": "application/x-gzip"}, {}, "body"),
        (b"[" * 90_000, {}, {}, "body"),
        (b'{"a":' * 15_000, {}, {}, "body"),
        (b'{"a": NaN}', {}, {}, "body"),
        (b'{"a": ' + b"9" * 5_000 + b"}", {}, {}, "body"),
        (b"\xff\xfe{}", {}, {}, "body"),
        (b"", {}, {}, "body"),
        (b"[]", {}, {}, "body"),
        (b"7", {}, {}, "body"),
        (sent([[], None, EMBED]), HEADERS, {}, "body"),
        (sent([["text"], 7]), HEADERS, {}, "body"),
        (sent({"task": 7, "kwargs": {}}), {}, {}, "task"),
    ],
)
def test_every_other_message_is_refused_naming_what_is_wrong(
    body: bytes, headers: dict[str, Any], properties: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused, match=f"^{field}: ") as refused:
        read(body, headers, **properties)
    assert "A-1" not in str(refused.value), "the content of a message is not repeated"


def test_times_uuids_and_decimals_of_celery_are_texts() -> None:
    wrapped = {
        "at": {"__type__": "datetime", "__value__": "2026-11-30T09:00:00+00:00"},
        "id": {"__type__": "uuid", "__value__": {"hex": "6c73e51c372f4475a9b770337b471fa8"}},
        "price": {"__type__": "decimal", "__value__": "1.20"},
        "odd": {"__type__": "datetime", "__value__": [1]},
        "own": {"__type__": "x", "__value__": "y", "more": 1},
    }
    assert read(sent(wrapped)).payload == wrapped | {
        "at": "2026-11-30T09:00:00+00:00", "id": "6c73e51c372f4475a9b770337b471fa8", "price": "1.20",
    }  # fmt: skip


def test_what_is_written_can_be_read() -> None:
    message = celery_message("orders.take", {"order_data": ORDER}, {"x-own": "1"})
    assert read_task(message, message.body, NAMES) == Task("orders.take", ORDER)
    assert (message.id, message.headers["x-own"]) == (message.headers["id"], "1")
    plain = plain_message(ORDER)
    assert read_task(plain, plain.body, NAMES) == Task(None, ORDER)
    assert plain.id != plain_message(ORDER).id


@pytest.mark.parametrize("given", ["", "a\0b", "x" * 201, 7, None, "a\nb", "\ud800"])
def test_an_id_that_can_not_be_stored_is_none(given: Any) -> None:
    assert ExternalMessage(b"", {"id": given}).id is None
    assert ExternalMessage(b"", {"id": given}, message_id="m").id == "m"


def test_a_reason_can_be_sent_as_a_header_whatever_the_message_holds() -> None:
    assert str(Refused("field \ud800\0: " + "x" * 600))[:10] == "field ?\ufffd: "
    assert len(str(Refused("x" * 600))) == 500


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.binary(max_size=300) | JSON.map(lambda content: json.dumps(content).encode()),
    st.dictionaries(st.sampled_from(["task", "id", "compression", "eta"]), st.text(max_size=30) | st.integers()),
    st.none() | st.text(max_size=40),
    st.none() | st.text(max_size=20),
)
def test_any_message_is_read_or_refused(
    body: bytes, headers: dict[str, Any], content_type: str | None, encoding: str | None
) -> None:
    with suppress(Refused):
        task = read(body, headers, content_type=content_type, content_encoding=encoding)
        assert isinstance(task.payload, dict)
