"""Reads what a run of workflow-service left behind and says what should not be in it. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from workflow_service.domain.escalation import RANKS

from tests.chaos.checker import CAME_BACK, DIFFERENT, DISORDER, DOUBLE, LOST, PARKED, UNFINISHED, Finding
from tests.chaos.workflow_run import Remains

UNFAIR = "unfair"
Row = Mapping[str, Any]
TaskKey = tuple[int, int]


def check(remains: Remains, present: Mapping[int, Collection[str]]) -> list[Finding]:
    """Return everything wrong with a run. `present` are the people by company who took new work the whole time."""
    return [*(finding for rule in RULES for finding in rule(remains)), *tasks_are_dealt_evenly(remains, present)]


def every_event_was_taken(remains: Remains) -> Iterator[Finding]:
    """Each event that the broker confirmed is in the inbox of each queue that it goes to."""
    taken = {(row["queue"], row["event_id"]) for row in remains.rows["inbox"]}
    ended = _deleted(remains)
    for event in remains.published:
        for queue, types in remains.queues.items():
            gone = (event.company, event.subject) in ended and event.type != "ticket.deleted"
            if event.type in types and (queue, event.id) not in taken and not gone:
                yield Finding(LOST, f"{event.type} of {event.subject} in {queue}")


def every_routed_ticket_has_one_task(remains: Remains) -> Iterator[Finding]:
    """A ticket has a task, but for a deleted one."""
    ended = _deleted(remains)
    routed = {(event.company, event.subject) for event in remains.published if event.type == "ticket.routed"}
    found = Counter((row["company_id"], str(row["ticket_id"])) for row in remains.rows["tasks"])
    for ticket in sorted(routed | found.keys()):
        if ticket in ended and found[ticket]:
            yield Finding(CAME_BACK, f"ticket {ticket} was deleted and has a task")
        elif ticket not in ended and not found[ticket]:
            yield Finding(LOST, f"ticket {ticket} has no task")
        elif found[ticket] > 1:
            yield Finding(DOUBLE, f"ticket {ticket} has {found[ticket]} tasks")


def every_history_leads_from_the_creation_to_the_task(remains: Remains) -> Iterator[Finding]:
    """Each change begins where the one before ended, the first one created the task, and the last one is the task."""
    histories = _by_task(remains.rows["events"])
    for task in remains.rows["tasks"]:
        key, state = (task["company_id"], task["id"]), (None, None, None)
        for event in histories[key]:
            if (event["from_status"], event["from_step"], event["from_user"]) != state:
                kind = DOUBLE if event["action"] == "created" and state != (None, None, None) else DISORDER
                yield Finding(kind, f"task {key}: {event['action']} begins elsewhere than at {state}")
            state = event["to_status"], event["to_step"], event["to_user"]
        if state != (task["status"], task["step"], task["assigned_user"]):
            yield Finding(DIFFERENT, f"task {key} is not as its history left it: {state}")


def every_choice_belongs_to_a_change(remains: Remains) -> Iterator[Finding]:
    """A task that begins or is escalated was dealt once for it, and no task was dealt without a change."""
    histories, dealt = _by_task(remains.rows["events"]), _by_task(remains.rows["assignments"])
    for key in sorted(histories.keys() | dealt.keys()):
        sure = [each for each in histories[key] if each["action"] == "created" or "escalated" in each["action"]]
        changes = iter([each["to_user"] for each in histories[key]])
        choices = [each["assigned_user"] for each in dealt[key]]
        if len(choices) < len(sure):
            yield Finding(LOST, f"task {key} was dealt {len(choices)} times for {len(sure)} changes")
        # A choice of nobody leaves the assignee of an escalated task.
        if not all(choice is None or choice in changes for choice in choices):
            yield Finding(DOUBLE, f"task {key} was dealt to {choices}, and its history doesn't say so")


def every_task_is_escalated_once_per_role(remains: Remains) -> Iterator[Finding]:
    """The history and the table of escalations agree; the table also has roles that an escalation passed over."""
    published = Counter(
        (row["company_id"], row["task_id"], row["action"].removeprefix("escalated to "))
        for row in remains.rows["events"]
        if row["action"].startswith("escalated to ")
    )
    highest: dict[Any, int] = {}
    for company_id, task_id, role in published:
        highest[company_id, task_id] = max(RANKS.index(role), highest.get((company_id, task_id), 0))
    stored = Counter(
        (row["company_id"], row["task_id"], row["role"])
        for row in remains.rows["escalations"]
        if (row["company_id"], row["task_id"], row["role"]) in published
        or RANKS.index(row["role"]) > highest.get((row["company_id"], row["task_id"]), -1)
    )
    yield from _differences("escalation", published, stored)


def every_breach_was_declared_once(remains: Remains) -> Iterator[Finding]:
    """Events of breaches less those of retractions are the breaches that hold."""
    published: Counter[Any] = Counter()
    living = {(row["company_id"], row["id"]) for row in remains.rows["tasks"]}
    for row in remains.rows["outbox"]:
        if row["type"] in ("sla.breached", "sla.retracted"):
            body = row["body"]
            key = row["company_id"], body["task_id"], body["clock"], datetime.fromisoformat(body["due_at"])
            if key[:2] in living:
                published[key] += 1 if row["type"] == "sla.breached" else -1
    stored = Counter(
        (row["company_id"], row["task_id"], row["kind"], row["due_at"])
        for row in remains.rows["breaches"]
        if row["retracted_at"] is None
    )
    yield from _differences("breach", +published, stored)


def no_clock_is_forgotten(remains: Remains) -> Iterator[Finding]:
    """A clock whose time is over ended in time or is breached; a breach is at its due date, whatever died meanwhile."""
    breached = {_clock(row) for row in remains.rows["breaches"] if row["retracted_at"] is None}
    for row in remains.rows["clocks"]:
        # The clock of a step that is reached after its due date may end at once; the facts decide, see below.
        if row["kind"] == "step":
            continue
        key = _clock(row)
        over = row["due_at"] is not None and row["next_at"] is None
        met = row["ended_at"] is not None and row["due_at"] is not None and row["ended_at"] <= row["due_at"]
        if over and not met and key not in breached:
            yield Finding(LOST, f"{row['kind']} of task {key[:2]} was due at {row['due_at']} and is not breached")
    for row in remains.rows["breaches"]:
        if row["reason"] == "due" and row["kind"] == "first_response" and row["breached_at"] != row["due_at"]:
            yield Finding(DIFFERENT, f"first_response of task {row['task_id']} is breached at another time than due")


def clocks_are_as_the_facts_say(remains: Remains) -> Iterator[Finding]:
    """Computed anew from the facts each clock is the same, and has nothing to declare that was not declared."""
    stored = {_clock(row): row for row in remains.rows["clocks"]}
    for row in remains.rows["recomputed"]:
        before = stored.get(_clock(row))
        if before is None or any(before[name] != row[name] for name in ("state", "due_at", "ended_at", "next_at")):
            lost = before is None or before["next_at"] is None
            kept = before and {name: before[name] for name in ("state", "due_at", "ended_at", "next_at")}
            yield Finding(LOST if lost else DIFFERENT, f"{_clock(row)} is {kept}, and by the facts {row}")


def revisions_of_tasks_grow_by_one(remains: Remains) -> Iterator[Finding]:
    """Each revision of a task is published by one event."""
    found: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for row in remains.rows["outbox"]:
        if row["type"] == "ticket.assigned":
            found[row["company_id"], row["body"]["task_id"]].append(row["revision"])
    for task in remains.rows["tasks"]:
        revisions = sorted(found[task["company_id"], task["id"]])
        if revisions != list(range(1, task["revision"] + 1)):
            yield Finding(DISORDER, f"task {task['id']} has the revision {task['revision']}, published: {revisions}")


def everything_was_published_and_nothing_parked(remains: Remains) -> Iterator[Finding]:
    """No event is left in the outbox, and none failed because of a kill."""
    for row in remains.rows["outbox"]:
        if row["published_at"] is None:
            yield Finding(LOST, f"{row['type']} of {row['subject']} is not published")
    for row in remains.rows["parked"]:
        yield Finding(PARKED, f"{row['type']} in {row['queue']}: {row['reason']}")
    if remains.seconds_to_quiet is None:
        yield Finding(UNFINISHED, "work was left when the time was up")


def tasks_are_dealt_evenly(remains: Remains, present: Mapping[int, Collection[str]]) -> Iterator[Finding]:
    """People who were present the whole time were given tasks equally often, give or take one."""
    for company_id, people in present.items():
        dealt = Counter(
            row["assigned_user"]
            for row in remains.rows["assignments"]
            if row["company_id"] == company_id and row["assigned_user"] in people
        )
        numbers = {person: dealt[person] for person in people}
        if max(numbers.values()) - min(numbers.values()) > 1:
            yield Finding(UNFAIR, f"company {company_id}: {numbers}")


def _clock(row: Row) -> tuple[Any, ...]:
    return row["company_id"], row["task_id"], row["kind"], row["opened_at"]


def _deleted(remains: Remains) -> set[tuple[int, str]]:
    return {(event.company, event.subject) for event in remains.published if event.type == "ticket.deleted"}


def _by_task(rows: Collection[Row]) -> defaultdict[TaskKey, list[Row]]:
    found: defaultdict[TaskKey, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["company_id"], row["task_id"]].append(row)
    return found


def _differences(what: str, published: Counter[Any], stored: Counter[Any]) -> Iterator[Finding]:
    for key in sorted(published.keys() | stored.keys(), key=str):
        if published[key] > stored[key]:
            yield Finding(DOUBLE, f"{what} {key}: published {published[key]} times, stored {stored[key]} times")
        elif published[key] < stored[key]:
            yield Finding(LOST, f"{what} {key}: published {published[key]} times, stored {stored[key]} times")


RULES: tuple[Callable[[Remains], Iterator[Finding]], ...] = (
    every_event_was_taken,
    every_routed_ticket_has_one_task,
    every_history_leads_from_the_creation_to_the_task,
    every_choice_belongs_to_a_change,
    every_task_is_escalated_once_per_role,
    every_breach_was_declared_once,
    no_clock_is_forgotten,
    clocks_are_as_the_facts_say,
    revisions_of_tasks_grow_by_one,
    everything_was_published_and_nothing_parked,
)
