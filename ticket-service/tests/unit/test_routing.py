"""The routing that a ticket shows."""

from hypothesis import given
from hypothesis.strategies import builds, just, lists, none, permutations, sampled_from
from ticket_service.domain.departments import SEEDED, Department, all_names, routable
from ticket_service.domain.duplicates import duplicate_key, duplicate_uuid
from ticket_service.domain.enums import Priority
from ticket_service.domain.routing import Routing, latest_effective, overrides

routings = lists(
    builds(
        Routing,
        department=sampled_from(sorted(SEEDED)),
        category=just("c"),
        priority=sampled_from(Priority),
        confidence_score=just(50.0),
        need_admin=just(False),
        team_id=none(),
        team=none(),
        decided_by=sampled_from(["person", "keywords", "claude"]),
        reason=just(""),
    ),
    unique_by=lambda routing: routing.revision,
    max_size=6,
)


def test_a_persons_routing_overrides_predictions_and_yields_to_persons() -> None:
    assert overrides("person", "claude")
    assert not overrides("person", "person")
    assert not overrides("claude", "keywords")
    assert not overrides(None, "keywords")


@given(routings.flatmap(lambda each: permutations(each).map(lambda other: (each, other))))
def test_the_order_of_arrival_does_not_matter(orders: tuple[list[Routing], list[Routing]]) -> None:
    assert latest_effective(orders[0]) == latest_effective(orders[1])


@given(routings)
def test_a_persons_routing_is_in_effect_where_there_is_one(offered: list[Routing]) -> None:
    standing = latest_effective(offered)
    persons = [routing for routing in offered if routing.decided_by == "person"]
    newest = max(persons or offered, key=lambda routing: routing.revision, default=None)
    assert standing == newest


def test_the_seeded_departments_are_valid_before_they_are_published() -> None:
    assert routable([]) == SEEDED


def test_a_department_that_is_gone_takes_no_more_tickets_but_still_has_some() -> None:
    published = [Department("HR", False), Department("Legal", True), Department("Old", False)]
    assert routable(published) == SEEDED - {"HR"} | {"Legal"}
    assert all_names(published) == SEEDED | {"Legal", "Old"}


def test_every_part_distinguishes_duplicates() -> None:
    parts = [(1, "a:b", "c", "d"), (1, "a", "b:c", "d"), (2, "a", "b", "c:d"), (1, "a", "b", "c:d")]
    assert len({duplicate_key(*part) for part in parts}) == len(parts)
    assert duplicate_uuid(1, "a", "b", "c", 0) == duplicate_uuid(1, "a", "b", "c", 0)
    assert duplicate_uuid(1, "a", "b", "c", 0) != duplicate_uuid(1, "a", "b", "c", 1)
    assert duplicate_uuid(1, "a", "b", "c", 0).version == 5
