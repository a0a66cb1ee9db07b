"""Which routing a ticket shows."""

from hypothesis import given
from hypothesis.strategies import builds, just, lists, none, permutations, sampled_from
from ticket_service.domain.departments import SEEDED, Department, ever_known, routable
from ticket_service.domain.routing import Routing, last_to_stand, outlasts
from ticket_service.domain.twins import twin_key, twin_uuid
from ticket_service.domain.words import Priority

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


def test_a_persons_routing_outlasts_machines_and_yields_to_persons() -> None:
    assert outlasts("person", "claude")
    assert not outlasts("person", "person")
    assert not outlasts("claude", "keywords")
    assert not outlasts(None, "keywords")


@given(routings.flatmap(lambda each: permutations(each).map(lambda other: (each, other))))
def test_the_order_of_arrival_does_not_matter(orders: tuple[list[Routing], list[Routing]]) -> None:
    assert last_to_stand(orders[0]) == last_to_stand(orders[1])


@given(routings)
def test_where_a_person_routed_a_persons_routing_stands(offered: list[Routing]) -> None:
    standing = last_to_stand(offered)
    persons = [routing for routing in offered if routing.decided_by == "person"]
    newest = max(persons or offered, key=lambda routing: routing.revision, default=None)
    assert standing == newest


def test_the_seeded_departments_are_known_before_they_are_announced() -> None:
    assert routable([]) == SEEDED


def test_a_department_that_is_gone_takes_no_more_tickets_but_still_has_some() -> None:
    announced = [Department("HR", False), Department("Legal", True), Department("Old", False)]
    assert routable(announced) == SEEDED - {"HR"} | {"Legal"}
    assert ever_known(announced) == SEEDED | {"Legal", "Old"}


def test_twins_are_told_apart_by_every_part() -> None:
    parts = [(1, "a:b", "c", "d"), (1, "a", "b:c", "d"), (2, "a", "b", "c:d"), (1, "a", "b", "c:d")]
    assert len({twin_key(*part) for part in parts}) == len(parts)
    assert twin_uuid(1, "a", "b", "c", 0) == twin_uuid(1, "a", "b", "c", 0)
    assert twin_uuid(1, "a", "b", "c", 0) != twin_uuid(1, "a", "b", "c", 1)
    assert twin_uuid(1, "a", "b", "c", 0).version == 5
