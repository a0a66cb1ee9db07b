"""Events on the wire and the views consumers make of them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Literal

import orjson
import pytest
from eventbus.event import Message
from eventbus.wire import BadMessage, body_reader, read_body, read_envelope, to_message
from hypothesis import given
from hypothesis import strategies as st
from service_kit.database.pg_arrays import pg_text_array
from service_kit.telemetry.cause import Cause

from .shop import message

ID = "0b8f6d0c-6a52-4f0e-9a55-0d3f0a1f7e11"

PRINTABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)


@given(
    subject=PRINTABLE,
    company=st.integers(1, 2**31 - 1),
    revision=st.integers(0, 2**31 - 1),
    request=st.one_of(st.just(""), PRINTABLE),
    person=st.booleans(),
    created=st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1)),
)
def test_an_event_is_read_as_it_was_written(
    subject: str, company: int, revision: int, request: str, person: bool, created: datetime
) -> None:
    row = SimpleNamespace(
        id=ID,
        company_id=company,
        subject=subject,
        type="thing.made",
        revision=revision,
        body='{"a":1}',
        actor_kind="person" if person else "system",
        request_id=request,
        traceparent="",
        cause_id="",
        created_at=created,
    )
    sent = to_message(row, source="shop", schema_id="https://example.test/thing.made/v1")
    envelope = read_envelope(sent)
    assert (envelope.id, envelope.type, envelope.version, envelope.source) == (ID, "thing.made", 1, "shop")
    assert (envelope.subject, envelope.company_id, envelope.revision) == (subject, company, revision)
    assert envelope.cause == Cause(request, "", row.actor_kind, ID)
    assert datetime.fromisoformat(envelope.time) == created
    assert read_body(sent, envelope) == {"a": 1}


@given(
    st.dictionaries(
        st.sampled_from(
            ["id", "source", "type", "subject", "time", "dataschema", "companyid", "revision", "actorkind"]
        ),
        st.text(max_size=30),
    ),
    st.binary(max_size=50),
)
def test_nonsense_is_refused_and_nothing_else_happens(attributes: dict[str, str], body: bytes) -> None:
    sent = Message(attributes.get("id", ""), attributes.get("type", ""), attributes, body)
    with pytest.raises(BadMessage):
        read_body(sent, read_envelope(sent))


@pytest.mark.parametrize(
    "changes",
    [
        {"revision": "１"},
        {"revision": "99999999999"},
        {"companyid": "-1"},
        {"actorkind": "robot"},
        {"id": "12"},
        {"time": "2026-11-20T10:30:00"},
        {"dataschema": "https://example.test/v"},
        {"subject": "x" * 301},
    ],
)
def test_a_wrong_attribute_is_named(changes: dict[str, str]) -> None:
    with pytest.raises(BadMessage, match=next(iter(changes))):
        read_envelope(message(**changes))


@dataclass(frozen=True)
class View:
    """One field of every kind."""

    text: str
    number: int
    share: float
    flag: bool
    level: Literal["low", "high"]
    perhaps: int | None
    names: list[str] = field(default_factory=list)
    table: dict[str, int] = field(default_factory=dict)


GOOD = {"text": "a", "number": 1, "share": 2, "flag": False, "level": "low", "perhaps": None}


def test_a_view_takes_its_fields_and_ignores_the_others() -> None:
    assert body_reader(View)(GOOD | {"unknown": 1}) == View("a", 1, 2, False, "low", None)
    assert body_reader(View)(GOOD | {"perhaps": 3, "names": ["x"]}).names == ["x"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"text": None}, "Expected `str`, got .* - at `\\$.text`"),
        ({"number": True}, "Expected `int`, got .* - at `\\$.number`"),
        ({"number": 1.0}, "Expected `int`, got .* - at `\\$.number`"),
        ({"share": "2"}, "Expected `float`, got .* - at `\\$.share`"),
        ({"share": True}, "Expected `float`, got .* - at `\\$.share`"),
        ({"flag": 0}, "Expected `bool`, got .* - at `\\$.flag`"),
        ({"level": "middle"}, r"^Invalid enum value - at `\$.level`"),
        ({"perhaps": "3"}, r"at `\$.perhaps`"),
        ({"names": ["x", 1]}, r"at `\$.names\[1\]`"),
        ({"table": {"x": "y"}}, r"at `\$.table"),
    ],
)
def test_a_field_of_another_type_is_refused_and_named_but_not_quoted(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadMessage, match=reason):
        body_reader(View)(GOOD | change)


def test_a_missing_field_is_refused_unless_it_has_a_default() -> None:
    with pytest.raises(BadMessage, match="missing required field `number`"):
        body_reader(View)({key: value for key, value in GOOD.items() if key != "number"})


def test_a_view_that_json_can_t_hold_is_refused_at_the_start() -> None:
    @dataclass(frozen=True)
    class Impossible:
        when: complex

    with pytest.raises(TypeError):
        body_reader(Impossible)


def test_bodies_are_small_views_of_real_events() -> None:
    body = orjson.loads(message(number=5).body)
    assert body_reader(View)({**GOOD, **body}).number == 5


@given(st.lists(st.one_of(st.none(), st.text(max_size=10))))
def test_quoted_columns_end_where_they_began(values: list[str | None]) -> None:
    literal = pg_text_array(values)
    assert literal[0] + literal[-1] == "{}"
    assert literal.count("NULL") >= values.count(None)
