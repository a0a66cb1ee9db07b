"""Messages of external producers are parsed in every protocol, and invalid ones are refused with a reason."""

import json
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from external_kit.message import ExternalMessage, Refused
from hypothesis import given
from hypothesis import strategies as st
from rag_service.adapters.external_queue import read_request
from rag_service.domain.errors import InvalidExternalEvent
from rag_service.domain.external_events import ExternalRequest, parse_object

FILE = "5f0c7a52-9a3b-4a53-8f0e-2b7a5d6c1e90"
UPLOADED = {"file_id": FILE, "company_id": 3, "file_relative_path": "manuals/vpn.pdf", "kind": "pdf"}
EXPECTED = ExternalRequest("file.uploaded", 3, UUID(FILE), "manuals/vpn.pdf", "vpn.pdf", "pdf")


def body(sent: Any) -> bytes:
    return json.dumps(sent).encode()


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ({"task": "rag.process_file_uploaded", "id": "1"}, [[UPLOADED], {}, {"callbacks": None}]),
        ({"task": "rag.process_file_uploaded"}, [[], UPLOADED, {}]),
        ({"task": "rag.process_file_uploaded"}, [[], {"payload": UPLOADED}, {}]),
        ({}, {"task": "rag.process_file_uploaded", "id": "1", "args": [UPLOADED], "kwargs": {}}),
        ({}, {"event": "file_uploaded", **UPLOADED}),
        ({}, {"event": "file.uploaded", "payload": UPLOADED}),
        ({}, {"event": "rag.process_file_uploaded", "data": UPLOADED}),
    ],
)
def test_every_protocol_gives_the_same_request(headers: dict[str, str], sent: Any) -> None:
    assert read_request(ExternalMessage(body(sent), headers)) == EXPECTED


def test_ids_that_are_no_uuids_are_always_given_the_same_one() -> None:
    first, again, other = (
        parse_object({"event": "file.deleted", "company_id": company_id, "file_id": 17}).file
        for company_id in (1, 1, 2)
    )
    assert first == again != other


def test_a_ticket_is_asked_for_by_its_number() -> None:
    sent = {"event": "ticket_created", "company_id": 1, "ticket_id": 7, "description": "The VPN is down"}
    assert parse_object(sent) == ExternalRequest(
        "ticket.created", 1, ticket_id=7, title="", description="The VPN is down"
    )


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"event": "ticket.updated"}, "event"),
        ({"event": 7}, "event"),
        ({"event": "file.deleted", "file_id": FILE}, "company_id"),
        ({"event": "file.deleted", "company_id": True, "file_id": FILE}, "company_id"),
        ({"event": "file.deleted", "company_id": 0, "file_id": FILE}, "company_id"),
        ({"event": "file.deleted", "company_id": 1}, "file_id"),
        ({"event": "file.deleted", "company_id": 1, "file_id": {}}, "file_id"),
        ({"event": "file.uploaded", "company_id": 1, "file_id": FILE}, "file_relative_path"),
        ({"event": "file.uploaded", "company_id": 1, "file_id": FILE, "file_path": "a\0b"}, "file_path"),
        ({"event": "file.uploaded", "company_id": 1, "file_id": FILE, "file_path": "a", "kind": "exe"}, "kind"),
        ({"event": "ticket.created", "company_id": 1, "ticket_id": 1}, "description"),
        ({"event": "ticket.created", "company_id": 1, "ticket_id": -1, "description": "x"}, "ticket_id"),
    ],
)
def test_an_invalid_field_is_named(sent: Any, field: str) -> None:
    with pytest.raises(InvalidExternalEvent, match=f"^{field}: "):
        parse_object(sent)


@given(st.binary(max_size=200), st.dictionaries(st.sampled_from(["task", "id", "lang"]), st.text(max_size=30)))
def test_any_bytes_are_read_or_refused(raw: bytes, headers: dict[str, str]) -> None:
    with suppress(InvalidExternalEvent, Refused):
        read_request(ExternalMessage(raw, headers))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.sampled_from(["rag.process_file_uploaded", "rag.process_ticket_created", "nonsense"]))
def test_any_json_is_read_or_refused(sent: Any, task: str) -> None:
    for headers, content in (({"task": task}, sent), ({}, sent), ({}, {"event": task, "payload": sent})):
        with suppress(InvalidExternalEvent, Refused):
            read_request(ExternalMessage(json.dumps(content).encode(), headers))
