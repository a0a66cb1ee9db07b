"""Who gets a task: turns, load, capacity, presence."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from workflow_service.domain.deal import (
    ABSENT,
    CLOSED,
    ELIGIBLE,
    FULL,
    LEFT_OUT,
    OTHER_ROLE,
    Need,
    Person,
    Pool,
    pool_name,
)
from workflow_service.domain.folding import fold

ROUND_ROBIN = Need("agent", "round_robin")


def pool(*people: Person) -> Pool:
    return Pool("p", {person.email: person for person in people})


def agents(*names: str) -> list[Person]:
    return [Person(name, "agent", available=True, open=0) for name in names]


def test_the_reasons_against_each_candidate_are_kept() -> None:
    some = pool(
        Person("ann", "agent", available=True, open=1),
        Person("bob", "agent", available=False, open=0),
        Person("dan", "agent", available=True, open=5),
        Person("eve", "manager", available=True, open=0),
        Person("zoe", "lead", available=True, open=0),
    )
    choice = some.choose(Need("agent", "round_robin", capacity=5, left_out=frozenset({"zoe"})), 1)
    assert {each["email"]: each["reason"] for each in choice.candidates} == {
        "ann": ELIGIBLE, "bob": ABSENT, "dan": FULL, "eve": OTHER_ROLE, "zoe": LEFT_OUT,
    }  # fmt: skip
    assert (choice.email, choice.candidates[0]["email"]) == ("ann", "ann")


def test_a_lead_does_agents_work_and_an_agent_no_leads_work() -> None:
    some = pool(Person("ann", "agent", available=True), Person("zoe", "lead", available=True))
    assert some.choose(Need("lead", "round_robin"), 1).email == "zoe"
    assert {some.choose(ROUND_ROBIN, turn).email for turn in (2, 3)} == {"ann", "zoe"}


def test_an_empty_pool_chooses_nobody() -> None:
    assert pool().choose(ROUND_ROBIN, 1).email is None


def test_the_least_loaded_takes_turns_where_the_load_is_equal() -> None:
    some = pool(*agents("ann", "bob", "eve"))
    need = Need("agent", "least_loaded")
    assert [some.choose(need, turn).email for turn in range(1, 7)] == ["ann", "bob", "eve"] * 2


def test_pools_are_named_after_whom_they_serve() -> None:
    assert pool_name("agent", 5, "HR") == "team:5"
    assert pool_name("lead", None, "HR") == "department:HR"
    assert pool_name("manager", 5, "HR") == "role:manager"


EVENTS = st.lists(st.sampled_from(["task", "task", "task", "leave", "return", "join"]), min_size=1, max_size=120)


@given(EVENTS)
def test_those_who_stay_differ_by_one_whoever_leaves_returns_or_joins(events: list[str]) -> None:
    people = {person.email: person for person in [*agents("ann", "bob", "eve"), Person("dan", "agent", True, 0)]}
    some = Pool("p", people)
    dealt: Counter[str] = Counter()
    longest, last, run = 0, None, 0
    for turn, event in enumerate(events, 1):
        dan = people["dan"]
        if event == "leave":
            dan.available = False
        elif event == "return":
            if not dan.available:
                dan.last_turn = None  # as store/people.py reads somebody who came back after the last turn
            dan.available = True
        elif event == "join":
            people.setdefault("new", Person("new", "agent", available=True, open=0))
        else:
            email = some.choose(ROUND_ROBIN, turn).email
            assert email is not None
            dealt[email] += 1
            run = run + 1 if email == last else 1
            longest, last = max(longest, run), email
    staying = [dealt[name] for name in ("ann", "bob", "eve")]
    assert max(staying) - min(staying) <= 1
    assert longest <= 2


@given(st.integers(1, 5), st.integers(0, 30), st.sampled_from(["round_robin", "least_loaded"]))
def test_nobody_gets_more_than_the_capacity_and_nobody_waits_while_there_is_some(
    capacity: int, tasks: int, method: str
) -> None:
    some = pool(*agents("ann", "bob", "eve"))
    chosen = [some.choose(Need("agent", method, capacity), turn).email for turn in range(1, tasks + 1)]
    assert sum(email is not None for email in chosen) == min(tasks, 3 * capacity)
    assert all(person.open is not None and person.open <= capacity for person in some.people.values())


skills = st.sets(st.sampled_from(["French", "Networks", "VPN"]))


def test_the_explanation_names_the_skill_that_is_missing() -> None:
    some = pool(
        Person("ann", "agent", available=True, skills=frozenset({"french"})),
        Person("bob", "agent", available=True, skills=frozenset({"french", "vpn"})),
        Person("zoe", "manager", available=True),
    )
    choice = some.choose(Need("agent", "round_robin", skills=("French", "VPN")), 1)
    assert choice.email == "bob"
    assert {each["email"]: each["reason"] for each in choice.candidates} == {
        "ann": "lacks skill VPN", "bob": "eligible", "zoe": "other role",
    }  # fmt: skip


@given(wanted=skills, people=st.lists(skills, max_size=6), turns=st.integers(1, 20))
def test_a_task_goes_to_somebody_with_all_skills_or_to_nobody(
    wanted: set[str], people: list[set[str]], turns: int
) -> None:
    have = {f"person{number}": found for number, found in enumerate(people)}
    some = pool(
        *(Person(name, "agent", available=True, skills=frozenset(map(fold, found))) for name, found in have.items())
    )
    need = Need("agent", "round_robin", skills=tuple(skill.upper() for skill in sorted(wanted)))
    fitting = [name for name, found in have.items() if wanted <= found]
    chosen = Counter(some.choose(need, turn).email for turn in range(1, turns + 1))
    assert chosen.keys() <= (set(fitting) or {None})
    if fitting:
        assert max(chosen.values()) - min(chosen[name] for name in fitting) <= 1


def test_outside_working_hours_nobody_gets_a_task_and_the_explanation_says_so() -> None:
    choice = pool(*agents("ann"), Person("eve", "manager", available=True)).choose(
        Need("agent", "round_robin", is_closed=True), 1
    )
    assert choice.email is None
    assert [each["reason"] for each in choice.candidates] == [CLOSED, OTHER_ROLE]


def test_who_lacks_a_skill_may_not_keep_a_task() -> None:
    some = pool(Person("ann", "agent", available=True, skills=frozenset({"vpn"})))
    assert some.may_keep("ann", "agent", ["VPN"])
    assert not some.may_keep("ann", "agent", ["VPN", "French"])
    assert not some.may_keep("bob", "agent", [])
