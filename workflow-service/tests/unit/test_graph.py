"""The rules of a workflow's graph."""

from hypothesis import given
from hypothesis import strategies as st
from workflow_service.domain.definition import Definition, Step, Transition, line, reachable, without_weight_at_end
from workflow_service.domain.graph import faults, mermaid


def steps(*names: str, **changes: dict[str, object]) -> tuple[Step, ...]:
    made = [{"name": name, "role": "agent", "order": order} | changes.get(name, {}) for order, name in enumerate(names)]
    return tuple(Step(**values) for values in made)  # type: ignore[arg-type]


def ways(*pairs: str) -> tuple[Transition, ...]:
    return tuple(Transition(pair[0], pair[1], pair) for pair in pairs)


def found(some: tuple[Step, ...], transitions: tuple[Transition, ...]) -> list[tuple[str, str]]:
    return [(fault.field, fault.message) for fault in faults(some, transitions)]


def test_a_line_is_a_graph() -> None:
    some = steps("a", "b", "c")
    assert faults(some, line(some)) == []
    assert [(each.source, each.target) for each in line(some)] == [("a", "b"), ("b", "c")]


def test_a_line_follows_the_order_and_not_the_list() -> None:
    some = steps("a", "b", "c", a={"order": 9})
    assert [(each.source, each.target) for each in line(some)] == [("b", "c"), ("c", "a")]


def test_a_cycle_that_can_be_left_is_allowed_even_back_to_the_start() -> None:
    assert faults(steps("a", "b", "c"), ways("ab", "ba", "bc")) == []


def test_a_cycle_without_an_end_is_named_once() -> None:
    assert found(steps("a", "b"), ways("ab", "ba")) == [
        ("transitions", "There is no end: every step has a transition out of it.")
    ]


def test_a_cycle_that_cannot_be_left_is_named_with_each_of_its_steps() -> None:
    assert found(steps("a", "b", "c", "d"), ways("ab", "bc", "cb", "ad")) == [
        ("steps.1.name", "'b' can't reach the end 'd'."),
        ("steps.2.name", "'c' can't reach the end 'd'."),
    ]


def test_a_step_that_nothing_leads_to_is_named() -> None:
    assert found(steps("a", "b", "c"), ways("ac", "bc")) == [("steps.1.name", "'b' can't be reached from 'a'.")]


def test_a_second_end_is_named() -> None:
    assert found(steps("a", "b", "c"), ways("ab", "ac")) == [
        ("transitions", "There is one end, and it is 'b': 'c' has no transition out of it."),
    ]


def test_all_faults_of_steps_come_at_once() -> None:
    some = steps("a", "A", "c", A={"order": 0, "role": "boss"}, c={"weight": 0.0, "escalate_to": "requester"})
    assert [field for field, _ in found(some, ways("ca"))] == [
        "steps.1.name",
        "steps.1.order",
        "steps.1.role",
        "steps.2.escalate_to",
        "steps.2.weight",
        "steps.2.name",
    ]


def test_a_repeated_name_hides_neither_an_island_nor_a_second_end() -> None:
    some = (*steps("a", "b", "c", "d", "e"), Step("B", "agent", 9))
    assert found(some, (*ways("ab", "ac", "de"), Transition("B", "c", "c"))) == [
        ("steps.5.name", "Another step is called 'B'."),
        ("transitions", "There is one end, and it is 'c': 'e' has no transition out of it."),
        ("steps.3.name", "'d' can't be reached from 'a'."),
        ("steps.3.name", "'d' can't reach the end 'c'."),
        ("steps.4.name", "'e' can't be reached from 'a'."),
    ]


def test_a_repeated_order_hides_no_island_and_makes_none() -> None:
    some = steps("a", "b", "c", "d", b={"order": 0})
    assert found(some, ways("bc", "ac", "dc")) == [
        ("steps.1.order", "'b' has the order of 'a'."),
        ("steps.3.name", "'d' can't be reached from 'a'."),
    ]


def test_a_repeated_transition_and_one_to_itself_hide_no_second_end() -> None:
    assert found(steps("a", "b", "c"), ways("ab", "ab", "ac", "cc")) == [
        ("transitions.1.to", "'a' leads to 'b' already."),
        ("transitions.3.to", "'c' leads to itself."),
        ("transitions", "There is one end, and it is 'b': 'c' has no transition out of it."),
    ]


def test_a_misspelled_step_makes_no_faults_of_the_graph() -> None:
    assert [field for field, _ in found(steps("a", "b", "c"), ways("ax", "bc"))] == ["transitions.0.to"]


def test_all_faults_of_transitions_come_at_once() -> None:
    assert [field for field, _ in found(steps("a", "b"), ways("aa", "ax", "xb", "ab", "ab"))] == [
        "transitions.0.to",
        "transitions.1.to",
        "transitions.2.from",
        "transitions.4.to",
    ]


def test_the_numbers_of_steps_and_transitions_are_bounded() -> None:
    many = steps(*(f"s{number}" for number in range(101)))
    assert found(many, ways(*["ab"] * 401))[:2] == [
        ("steps", "A workflow has 2 to 100 steps."),
        ("transitions", "A workflow has at most 400 transitions."),
    ]
    assert [field for field, _ in found(steps("a"), ())] == ["steps"]


def test_the_end_counts_for_nothing_whatever_its_weight() -> None:
    line_of_three = ways("ab", "bc")
    for weight in (0.0, 1.0, 7.0):
        weighted = steps("a", "b", "c", b={"weight": 3.0}, c={"weight": weight})
        assert found(weighted, line_of_three) == []
        definition = Definition(weighted, line_of_three, {})
        assert [definition.share_until(name) for name in "abc"] == [0.25, 1.0, 1.0]
        assert [step.weight for step in without_weight_at_end(weighted, line_of_three)] == [1.0, 3.0, 0.0]
    assert found(steps("a", "b", "c", b={"weight": 0.0}, c={"weight": -1.0}), line_of_three) == [
        (f"steps.{number}.weight", f"{name!r}: greater than 0 and at most 1000000.")
        for number, name in ((1, "b"), (2, "c"))
    ]


NAMES = "abcdefg"
GRAPHS = st.sets(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda pair: pair[0] != pair[1]))


@given(GRAPHS)
def test_in_every_accepted_graph_each_step_lies_on_a_way_from_start_to_end(pairs: set[tuple[str, str]]) -> None:
    transitions = ways(*(source + target for source, target in sorted(pairs)))
    some = steps(*NAMES)
    if faults(some, transitions):
        return
    definition = Definition(some, transitions, {})
    for step in some:
        assert step.name in definition.reachable(definition.start.name)
        assert definition.end.name in definition.reachable(step.name)


@given(GRAPHS)
def test_what_is_reachable_is_closed_and_nothing_else(pairs: set[tuple[str, str]]) -> None:
    transitions = ways(*(source + target for source, target in sorted(pairs)))
    from_a = reachable("a", transitions)
    assert all(target in from_a for source, target in pairs if source in from_a)
    walked = {"a"}
    for _ in NAMES:
        walked |= {target for source, target in pairs if source in walked}
    assert from_a == walked


def test_a_name_cannot_end_a_string_of_the_drawing() -> None:
    some = (Step('a"]; click', "agent", 1), Step("b\nc", "lead", 2, requires_approval=True))
    drawn = mermaid(Definition(some, line(some), {}))
    assert drawn.splitlines() == [
        "flowchart LR",
        '    s0["a#34;#93;#59; click<br/>agent"]',
        '    s1["b c<br/>lead, approval"]',
        '    s0 -->|"b c"| s1',
    ]
