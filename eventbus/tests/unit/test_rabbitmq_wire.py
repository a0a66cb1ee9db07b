"""CloudEvents as AMQP headers, ours and those of others."""

from typing import Any

import pytest
from eventbus.bus.rabbitmq import amqp
from eventbus.event import Message
from hypothesis import given
from hypothesis import strategies as st
from pika import BasicProperties


def test_a_message_comes_back_as_it_was() -> None:
    attributes = {"id": "1", "type": "ticket.created", "source": "alpha", "datacontenttype": "application/json"}
    message = Message("1", "ticket.created", attributes, b"{}")
    properties = amqp.to_properties(message)
    assert properties.delivery_mode == 2
    assert properties.headers["cloudEvents:source"] == "alpha"
    assert amqp.to_message("ticket.created", properties, b"{}") == message


@pytest.mark.parametrize("prefix", ["cloudEvents:", "cloudEvents_", ""])
def test_other_producers_ways_to_write_attributes_are_read(prefix: str) -> None:
    headers: dict[str, Any] = {f"{prefix}source": "elsewhere", f"{prefix}companyid": 7, f"{prefix}subject": b"42"}
    read = amqp.to_message("ticket.created", BasicProperties(headers=headers, message_id="9"), b"{}")
    assert read.attributes["source"] == "elsewhere"
    assert read.attributes["companyid"] == "7"
    assert read.attributes["subject"] == "42"
    assert (read.id, read.type) == ("9", "ticket.created")


def test_the_brokers_own_headers_are_no_attributes() -> None:
    headers = {"x-death": [{"count": 1}], "x-delivery-count": 3, "cloudEvents:id": "1"}
    read = amqp.to_message("a.b", BasicProperties(headers=headers), b"")
    assert not [name for name in read.attributes if name.startswith("x-")]
    assert amqp.deliveries(BasicProperties(headers=headers), redelivered=True) == 4
    assert amqp.deliveries(BasicProperties(), redelivered=False) == 1


values = st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.lists(st.integers(), max_size=2)


@given(
    st.dictionaries(st.text(max_size=20), values, max_size=5),
    st.none() | st.text(max_size=10),
    st.binary(max_size=20),
)
def test_nothing_that_comes_over_the_wire_breaks_the_reader(
    headers: dict[str, Any], kind: str | None, body: bytes
) -> None:
    read = amqp.to_message("key", BasicProperties(headers=headers, type=kind, message_id=kind), body)
    assert all(isinstance(value, str) for value in read.attributes.values())


def test_a_header_name_that_is_no_text_ends_no_connection() -> None:
    """pika hands such names out as bytes; an error here would come back with every redelivery."""
    headers: dict[Any, Any] = {b"\xff\xfe": "x", "cloudEvents:id": "1"}
    assert amqp.to_message("a.b", BasicProperties(headers=headers), b"").id == "1"
