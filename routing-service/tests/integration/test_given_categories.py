"""What the sender of a ticket gave is routed with it, whatever is predicted; a person's change is published."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from ..conftest import Api, Events

Published = Callable[[str], list[dict[str, Any]]]
GIVEN = {
    "given_category": "Hardware", "given_priority": "urgent", "sub_category": "Laptop", "external_ticket_id": "HD-1",
}  # fmt: skip
SHOWN = {"category": "Hardware", "priority": "urgent", "sub_category": "Laptop", "external_ticket_id": "HD-1"}


def test_what_the_sender_gave_is_published_whatever_is_predicted(events: Events, published: Published) -> None:
    events.deliver(events.make("ticket.categorized", 7, category="Mail", priority="low", **GIVEN))
    (event,) = published("ticket.routed")
    assert {name: event[name] for name in SHOWN} == SHOWN
    assert event["revision"] == 1
    events.deliver(events.make("ticket.categorized", 7, revision=2, category="Mail", department="HR"))
    assert {name: published("ticket.routed")[-1][name] for name in SHOWN} == SHOWN


def test_events_of_before_there_were_sub_categories_are_understood(events: Events, published: Published) -> None:
    for kind in ("ticket.categorized", "ticket.updated"):
        message = events.make(kind, 7, revision=2 if kind == "ticket.updated" else 1)
        body = orjson.loads(message.body)
        old = {"category_given", *GIVEN} | ({"category"} if kind == "ticket.updated" else set())
        stripped = {name: value for name, value in body.items() if name not in old}
        events.deliver(replace(message, body=orjson.dumps(stripped)))
    assert published("ticket.routed")[-1]["sub_category"] is None


def test_a_category_that_a_person_changes_is_published_again_without_another_routing(
    events: Events, published: Published, api: Api
) -> None:
    events.deliver(events.make("ticket.categorized", 7))
    unchanged = {"wanted_department": None, "changed": ["title"]}
    events.deliver(events.make("ticket.updated", 7, revision=2, **unchanged))
    assert len(published("ticket.routed")) == 1
    given = {"category": "Hardware", "category_given": True, "sub_category": "Laptop", "wanted_department": None}
    given["priority"] = published("ticket.routed")[0]["priority"]
    changed = events.make("ticket.updated", 7, revision=3, changed=["category"], **given)
    events.deliver(changed)
    events.deliver(changed)
    first, second = published("ticket.routed")
    assert (second["category"], second["sub_category"], second["revision"]) == ("Hardware", "Laptop", 2)
    assert {name for name in first if first[name] != second[name]} == {
        "event_id", "category", "sub_category", "revision",
    }  # fmt: skip
    assert api.get("/api/routing/history/7")["count"] == 1


def test_a_change_of_the_category_with_a_request_is_one_routing(events: Events, published: Published) -> None:
    events.deliver(events.make("ticket.categorized", 7))
    given = {"category": "Hardware", "category_given": True, "sub_category": "Laptop", "wanted_department": "HR"}
    events.deliver(events.make("ticket.updated", 7, revision=2, changed=["category", "department"], **given))
    event = published("ticket.routed")[-1]
    assert (event["revision"], event["department"], event["sub_category"]) == (2, "HR", "Laptop")


def test_a_deleted_ticket_is_not_published_again(events: Events, published: Published) -> None:
    events.deliver(events.make("ticket.categorized", 7))
    given = {"category": "Hardware", "category_given": True, "wanted_department": None}
    events.deliver(
        events.make("ticket.updated", 7, revision=2, changed=["category"], **given),
        events.make("ticket.deleted", 7, revision=3),
    )
    assert published("ticket.routed") == [], "what was not sent yet is not sent any more"
