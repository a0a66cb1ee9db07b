"""The drawing of workflows: no step covers another, no way crosses a step, and no text is anything but text."""

from collections.abc import Sequence
from itertools import combinations
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st
from workflow_service.domain import default_workflow
from workflow_service.domain.definition import Definition, Step, Transition, line
from workflow_service.domain.graph import faults
from workflow_service.domain.layout import BOX_HEIGHT, BOX_WIDTH, Layout, layout
from workflow_service.domain.svg import svg

NAMESPACE = "{http://www.w3.org/2000/svg}"
in_its_own_time = settings(deadline=None)


def definition(steps: Sequence[Step], *ways: tuple[str, str]) -> Definition:
    return Definition(tuple(steps), tuple(Transition(a, b, f"{a} to {b}") for a, b in ways), {})


def steps_named(*names: str) -> list[Step]:
    return [Step(name, "agent", order) for order, name in enumerate(names)]


@st.composite
def graphs(draw: st.DrawFn) -> Definition:
    """Return a valid graph: a line with further ways down and back."""
    number = draw(st.integers(2, 30))
    steps = steps_named(*(f"Step {index}" for index in range(number)))
    names = [step.name for step in steps]
    pairs = draw(st.lists(st.tuples(st.integers(0, number - 2), st.integers(0, number - 1)), max_size=20))
    ways = [(way.source, way.target) for way in line(steps)]
    ways += [(names[a], names[b]) for a, b in pairs if a != b]
    made = definition(draw(st.permutations(steps)), *dict.fromkeys(ways))
    assert faults(made.steps, made.transitions) == []
    return made


def boxes(found: Layout) -> dict[str, tuple[float, float, float, float]]:
    return {
        name: (x - BOX_WIDTH / 2, y - BOX_HEIGHT / 2, x + BOX_WIDTH / 2, y + BOX_HEIGHT / 2)
        for name, (x, y) in found.centers.items()
    }


@in_its_own_time
@given(graphs())
def test_no_step_covers_another(made: Definition) -> None:
    for (left, top, right, bottom), other in combinations(boxes(layout(made)).values(), 2):
        assert right < other[0] or other[2] < left or bottom < other[1] or other[3] < top


@in_its_own_time
@given(graphs())
def test_every_way_joins_its_steps_and_crosses_no_other(made: Definition) -> None:
    found = layout(made)
    areas = boxes(found)
    for route in found.routes:
        way = route.transition
        upper, lower = (way.target, way.source) if route.is_back else (way.source, way.target)
        assert areas[upper][0] < route.points[0][0] < areas[upper][2]
        assert route.points[0][1] == areas[upper][3]
        assert areas[lower][0] < route.points[-1][0] < areas[lower][2]
        assert route.points[-1][1] == areas[lower][1]
        ys = [y for _, y in route.points]
        assert ys == sorted(ys), "a way leads down; its tip says which end is which"
        for (x, y), (next_x, next_y) in zip(route.points, route.points[1:], strict=False):
            for left, top, right, bottom in areas.values():
                passes = y < bottom and next_y > top
                assert not passes or max(x, next_x) < left or min(x, next_x) > right


@in_its_own_time
@given(graphs())
def test_two_ways_never_leave_or_reach_a_step_at_one_point(made: Definition) -> None:
    ends = [point for route in layout(made).routes for point in (route.points[0], route.points[-1])]
    assert len(ends) == len(set(ends))


@in_its_own_time
@given(graphs())
def test_without_the_ways_back_everything_leads_down_and_the_same_graph_is_drawn_the_same(made: Definition) -> None:
    found = layout(made)
    heights = {name: y for name, (_, y) in found.centers.items()}
    for route in found.routes:
        way = route.transition
        assert (heights[way.source] < heights[way.target]) is not route.is_back
    assert heights[made.start.name] == min(heights.values())
    assert heights[made.end.name] == max(heights.values())
    assert svg("x", made) == svg("x", made)


def test_a_cycle_is_drawn_back_and_dashed() -> None:
    made = definition(steps_named("A", "B", "C"), ("A", "B"), ("B", "A"), ("B", "C"), ("C", "A"), ("C", "D"))
    made = Definition((*made.steps, Step("D", "lead", 9, requires_approval=True)), made.transitions, {})
    assert [route.is_back for route in layout(made).routes] == [False, True, False, True, False]
    assert svg("x", made).count("stroke-dasharray") == 2


def test_a_line_is_straight_and_its_ways_have_no_names_of_their_own() -> None:
    found = layout(default_workflow.DEFINITION)
    assert {x for x, _ in found.centers.values()} == {0}
    root = ET.fromstring(svg("Default", default_workflow.DEFINITION))
    texts = [element.text for element in root.iter(f"{NAMESPACE}text")]
    assert texts == ["open", "agent", "Assign to Team", "agent", "Assign to Member", "agent", "In Progress", "agent",
                     "Done", "agent"]  # fmt: skip


names = st.text(min_size=1, max_size=100).filter(lambda text: bool(text.strip()))


@in_its_own_time
@given(st.lists(names, min_size=3, max_size=3, unique_by=str.casefold), names)
def test_any_text_is_text_alone(found: list[str], title: str) -> None:
    made = Definition(
        (Step(found[0], found[1], 1), Step(found[1], "lead", 2), Step(found[2], "agent", 3)),
        (Transition(found[0], found[1], found[2]), Transition(found[1], found[2], found[0])),
        {},
    )
    root = ET.fromstring(svg(title, made).encode())
    tags = {element.tag.removeprefix(NAMESPACE) for element in root.iter()}
    assert tags == {"svg", "title", "defs", "marker", "path", "rect", "g", "text"}
    given_names = {name for element in root.iter() for name in element.attrib}
    assert not {name for name in given_names if name.startswith("on") or "href" in name or name == "style"}


def test_long_names_are_cut_and_whole_in_the_title() -> None:
    long = "A step with a name that goes on and on until nobody reads it any more at all"
    made = definition(steps_named(long, "情報システム部門への引き継ぎと確認の手続きについて", "End"), (long, "End"))
    root = ET.fromstring(svg("x", Definition(made.steps, line(made.steps), {})))
    texts = [element.text or "" for element in root.iter(f"{NAMESPACE}text")]
    assert all(len(text) <= 27 for text in texts)
    assert sum(text.endswith("…") for text in texts) == 2
    titles = [element.text for element in root.iter(f"{NAMESPACE}title")]
    assert long in titles
    assert "\u202e" not in svg("a\u202eb\x00c\ud800", made)


def test_a_hundred_steps_with_four_hundred_ways_are_drawn() -> None:
    steps = steps_named(*(f"Step {number}" for number in range(100)))
    names_of = [step.name for step in steps]
    ways = [(names_of[a], names_of[(a * 7 + b * 31) % 100]) for a in range(99) for b in range(4)]
    made = definition(
        steps, *dict.fromkeys([(w.source, w.target) for w in line(steps)] + [w for w in ways if w[0] != w[1]])
    )
    assert len(svg("x", made)) < 2_000_000
