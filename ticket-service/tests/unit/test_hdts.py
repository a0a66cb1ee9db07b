"""The rules of another help desk's tickets: what is accepted, and what each field becomes."""

import json
from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ticket_service.domain.enums import Priority
from ticket_service.domain.hdts import FIELDS, HdtsTicket, InvalidHdtsTicket, read_ticket

TICKET: dict[str, Any] = {
    "ticket_id": "HD-2026/0042",
    "title": "Laptop startet nicht 🙁",
    "category": "Hardware",
    "sub_category": "Laptop",
    "priority": "high",
}


def faults(**changes: Any) -> set[str]:
    with pytest.raises(InvalidHdtsTicket) as refused:
        read_ticket({name: value for name, value in (TICKET | changes).items() if value is not ...})
    assert {error["field"] for error in refused.value.errors} == {
        part.partition(": ")[0] for part in str(refused.value).split("; ")
    }
    return {error["field"] for error in refused.value.errors}


def test_a_ticket_of_the_needed_fields_alone() -> None:
    assert read_ticket(TICKET) == HdtsTicket(
        "HD-2026/0042", "Laptop startet nicht 🙁", "Hardware", "Laptop", Priority.URGENT, "", None, None, None, {}
    )


def test_every_field_has_its_place_and_what_has_none_is_kept() -> None:
    attachments = [{"filename": "photo.jpg", "url": "https://files.example/1?a=ü", "size": 7}]
    more = {
        "description": "It beeps.\n  Three times.\n", "department": " IT Support ", "requester_email": "ann@x.example",
        "requester_name": "Ann", "created_at": "2026-11-20T10:30:00+01:00", "attachments": attachments,
        "asset": {"tag": "L-7", "years": [2024, 2025.5, None, True]},
    }  # fmt: skip
    read = read_ticket(TICKET | more)
    assert (read.description, read.department) == ("It beeps.\n  Three times.\n", "IT Support")
    assert (read.requester_email, read.requester_name) == ("ann@x.example", "Ann")
    assert read.metadata == {
        "hdts": {
            "department": "IT Support",
            "created_at": "2026-11-20T10:30:00+01:00",
            "attachments": [{"filename": "photo.jpg", "url": "https://files.example/1?a=ü"}],
            "extra": {"asset": more["asset"]},
        }
    }


@pytest.mark.parametrize(
    ("sent", "here"),
    [("low", "medium"), ("medium", "high"), ("high", "urgent"), ("urgent", "urgent"), ("Critical", "urgent"),
     (" LOW ", "medium")],
)  # fmt: skip
def test_the_priorities_are_mapped(sent: str, here: str) -> None:
    assert read_ticket(TICKET | {"priority": sent}).priority.value == here


@pytest.mark.parametrize("field", ["ticket_id", "title", "category", "sub_category", "priority"])
@pytest.mark.parametrize(
    "value", [..., None, "", " \t", "\u200b", 7.5, True, ["a"], {"a": 1}, "x" * 201, "a\0b", "a\ud800"]
)
def test_what_a_ticket_needs_is_needed(field: str, value: Any) -> None:
    assert faults(**{field: value}) == {field}


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("ticket_id", "x" * 101, "ticket_id"),
        ("ticket_id", 10**20, "ticket_id"),
        ("priority", "extreme", "priority"),
        ("description", "x" * 100_001, "description"),
        ("description", ["a"], "description"),
        ("department", "x" * 101, "department"),
        ("requester_email", "ann", "requester_email"),
        ("requester_email", "ann at x@example", "requester_email"),
        ("requester_name", 7, "requester_name"),
        ("created_at", "yesterday", "created_at"),
        ("created_at", 1_700_000_000, "created_at"),
        ("attachments", "photo.jpg", "attachments"),
        ("attachments", [{"filename": "a", "url": "http://a"}] * 51, "attachments"),
        ("attachments", [{"filename": "a"}], "attachments.0.url"),
        ("attachments", [{"filename": "a", "url": "javascript:alert(1)"}], "attachments.0.url"),
        ("attachments", [{"filename": "a", "url": "file:///etc/passwd"}], "attachments.0.url"),
        ("attachments", [{"filename": "a\0", "url": "http://a"}], "attachments.0.filename"),
        ("attachments", ["a"], "attachments.0.filename"),
        ("extra", "a\0b", "extra"),
        ("extra", {"a": {"b\ud800": 1}}, "extra"),
        ("extra", float("inf"), "extra"),
        ("extra", 10**30, "extra"),
        ("extra", [[[[[[[[[[1]]]]]]]]]], "extra"),
        ("extra", "x" * 17_000, "extra"),
        ("a\0\ud800", 1, "a\ufffd?"),
    ],
)
def test_an_invalid_field_is_named_and_its_value_is_not_repeated(field: str, value: Any, named: str) -> None:
    assert faults(**{field: value}) == {named}


def test_all_invalid_fields_are_named_at_once() -> None:
    assert faults(title=None, priority="extreme", attachments=7) == {"title", "priority", "attachments"}


def test_much_that_has_no_field_is_too_much_together() -> None:
    assert faults(**{f"field{number}": "x" * 4_000 for number in range(5)}) == {"body"}


@pytest.mark.parametrize("character", ["\n", "\t", "\x07", "\x1b", "\x7f", "\u200b", "\u202e", "\u00ad", "\u2028"])
def test_characters_of_an_id_that_cannot_be_seen_are_refused(character: str) -> None:
    assert faults(ticket_id=f"HD{character}1") == {"ticket_id"}


def test_blanks_around_an_id_are_no_part_of_it() -> None:
    assert read_ticket(TICKET | {"ticket_id": " HD 1\n"}).external_id == "HD 1"


@pytest.mark.parametrize("field", ["requester_email", "requester_name", "department", "created_at"])
@pytest.mark.parametrize("blank", ["", "  ", None])
def test_a_blank_field_is_absent(field: str, blank: str | None) -> None:
    assert read_ticket(TICKET | {field: blank}) == read_ticket(TICKET)


@pytest.mark.parametrize("number", [10**18, -(10**400), 1e300])
def test_a_huge_number_is_no_id(number: float) -> None:
    assert faults(ticket_id=number) == {"ticket_id"}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-11-20T10:30:00", "2026-11-20T10:30:00+00:00"),
        ("2026-11-20", "2026-11-20T00:00:00+00:00"),
        ("2026-11-20T10:30:00Z", "2026-11-20T10:30:00Z"),
        ("2026-11-20T10:30:00+05:30", "2026-11-20T10:30:00+05:30"),
    ],
)
def test_a_time_without_a_zone_is_in_utc(sent: str, kept: str) -> None:
    assert read_ticket(TICKET | {"created_at": sent}).metadata["hdts"]["created_at"] == kept


def test_numbers_as_ids_are_texts() -> None:
    assert read_ticket(TICKET | {"ticket_id": 42}).external_id == "42"


def test_equal_tickets_have_equal_digests_and_each_change_changes_its_own() -> None:
    before = read_ticket(TICKET | {"extra": {"a": 1, "b": 2}}).digests()
    assert before == read_ticket({"extra": {"b": 2, "a": 1}} | TICKET).digests()
    for field, value in {"title": "Else", "priority": "low", "description": "d", "extra": {"a": 2}}.items():
        after = read_ticket(TICKET | {"extra": {"a": 1, "b": 2}} | {field: value}).digests()
        assert {name for name in after if after[name] != before[name]} == {"metadata" if field == "extra" else field}


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.sampled_from(["\0", "\ud800"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=15,
)


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)) | st.text(max_size=12), ANY, max_size=14))
def test_any_object_is_a_ticket_or_is_refused(content: dict[str, Any]) -> None:
    with suppress(InvalidHdtsTicket):
        storable(read_ticket(content))


@given(st.fixed_dictionaries({}, optional=dict.fromkeys([*sorted(FIELDS - TICKET.keys()), "extra", "more"], ANY)))
def test_whatever_is_beside_the_needed_fields_can_be_stored_or_is_refused(more: dict[str, Any]) -> None:
    try:
        storable(read_ticket(TICKET | more))
    except InvalidHdtsTicket as refused:
        orjson.dumps([*refused.errors, str(refused)])


def storable(ticket: HdtsTicket) -> None:
    stored = orjson.dumps(ticket.metadata)
    assert json.loads(stored) == ticket.metadata
    assert b"\\u0000" not in stored
    assert ticket.external_id.encode()
    assert ticket.title.encode()
    assert len(ticket.digests()) == 9
