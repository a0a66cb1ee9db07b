"""Reads a history and says what should not be in it. Pure: the same history gives the same findings."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from tests.chaos.concerned import concerns
from tests.chaos.history import SERVICE_OF, Change, History

LOST = "lost"
DOUBLE = "double effect"
DIFFERENT = "different states"
TOO_EARLY = "marked before it was confirmed"
REFUSED = "wrongly refused"
PARKED = "parked"
DISORDER = "revisions"
UNFINISHED = "not converged"
CAME_BACK = "came back"

CLOCK_SECONDS = 0.0005
"""The database's clock and the services' are the same machine's; this is rounding."""


@dataclass(frozen=True)
class Finding:
    """One thing that should not have happened."""

    kind: str
    what: str


def check(history: History) -> list[Finding]:
    """Return everything wrong with a run; nothing where it was sound."""
    return [finding for rule in RULES for finding in rule(history)]


def inserted(history: History, table: str, schema: str | None = None) -> Iterator[Change]:
    """Yield the rows that were inserted into tables of this name."""
    for change in history.changes:
        if change.table == table and change.action == "INSERT" and schema in (None, change.schema):
            yield change


def events(history: History) -> dict[str, Change]:
    """Return every announced event by id."""
    return {change.line["id"]: change for change in inserted(history, "outbox")}


def ended_subjects(history: History) -> set[tuple[int, str]]:
    """Return the subjects that a final event was announced for."""
    announced = (change.line for change in inserted(history, "outbox"))
    return {(line["company_id"], line["subject"]) for line in announced if line["type"] in history.final}


def every_accepted_ticket_was_stored_once(history: History) -> Iterator[Finding]:
    """A 201 is a promise; and however often a customer asks with one key, it is one ticket."""
    stored = Counter(change.line["title"] for change in inserted(history, "tickets", "ticket"))
    for ticket in history.tickets:
        if not stored[ticket.title]:
            yield Finding(LOST, f"ticket {ticket.ticket_id} was accepted but never stored")
    for title, number in stored.items():
        if number > 1:
            yield Finding(DOUBLE, f"ticket {title!r} was stored {number} times")


def nobody_was_refused(history: History) -> Iterator[Finding]:
    """Faults excuse a 5xx or no answer, but never a 4xx that isn't true."""
    for call in history.calls:
        if call.status is not None and 400 <= call.status < 500 and call.status not in (409, 429):
            yield Finding(REFUSED, f"{call.kind} {call.what}: {call.status} {call.detail['code']}")


def every_event_was_published(history: History) -> Iterator[Finding]:
    """What a transaction announced reached the broker, whatever died in between."""
    # To the exchange, that is: a refill goes to one queue alone.
    confirmed = {each.event_id for each in history.publications if each.outcome == "CONFIRMED" and not each.queue}
    ended = ended_subjects(history)
    for event_id, change in events(history).items():
        line = change.line
        # A deleted ticket takes along what was not published yet; only its end must be.
        gone = (line["company_id"], line["subject"]) in ended and line["type"] not in history.final
        if event_id not in confirmed and not gone:
            yield Finding(LOST, f"{line['type']} {event_id} of {line['subject']} was announced but never published")


def nothing_was_marked_before_it_was_confirmed(history: History) -> Iterator[Finding]:
    """In the other order a crash in between loses the event, even if this run had luck."""
    first: dict[str, float] = {}
    for each in history.publications:
        if each.outcome in ("CONFIRMED", "UNROUTABLE") and not each.queue:
            first[each.event_id] = min(each.at, first.get(each.event_id, each.at))
    for change in history.changes:
        if change.table == "outbox" and change.action == "UPDATE" and change.line["published_at"]:
            event_id = change.line["id"]
            if event_id in first and first[event_id] > change.at + CLOCK_SECONDS:
                yield Finding(TOO_EARLY, f"{change.line['type']} {event_id}")


def every_event_reached_every_queue(history: History) -> Iterator[Finding]:
    """Each consumer took each of its events, or put it aside where people see it."""
    taken = {(change.line["queue"], change.line["event_id"]) for change in inserted(history, "inbox")}
    ended = ended_subjects(history)
    for event_id, change in events(history).items():
        line = change.line
        gone = (line["company_id"], line["subject"]) in ended and line["type"] not in history.final
        for queue, types in history.queues.items():
            if line["type"] in types and (queue, event_id) not in taken and not gone and concerns(queue, line):
                yield Finding(LOST, f"{line['type']} {event_id} of {line['subject']} never had its effect in {queue}")


def nothing_was_parked(history: History) -> Iterator[Finding]:
    """Faults of machines are nobody's poison: no event counts as failed because of them."""
    for change in inserted(history, "parked"):
        yield Finding(PARKED, f"{change.line['type']} in {change.line['queue']}: {change.line['reason']}")


def every_effect_happened_once(history: History) -> Iterator[Finding]:
    """However often an event was delivered, its reactions and its appends are there once."""
    seen: Counter[tuple[str, ...]] = Counter()
    for change in inserted(history, "outbox"):
        line = change.line
        if line["cause_id"]:
            # Two queues of workflow-service react to a status: with the task's move, and with its clocks.
            action = orjson.loads(line["body"]).get("action", "")
            seen["reaction", change.schema, line["type"], action, line["subject"], line["cause_id"]] += 1
    for change in inserted(history, "analytics_events"):
        seen["analytics log", change.line["event_id"]] += 1
    for change in inserted(history, "ticket_events"):
        line = change.line
        if line["event_type"] == "created":
            seen["trail: created", str(line["ticket_id"])] += 1
        elif " " in line["cause"]:
            seen["trail", line["event_type"], str(line["ticket_id"]), line["cause"]] += 1
    for effect, times in seen.items():
        if times > 1:
            yield Finding(DOUBLE, f"{times} times: {' '.join(effect)}")
    yield from _machine_routings(history)


def _machine_routings(history: History) -> Iterator[Finding]:
    announced = (change.line for change in inserted(history, "outbox", "ai"))
    answers = Counter(line["subject"] for line in announced if line["type"] == "ticket.categorized")
    routings = Counter(
        str(change.line["ticket_id"])
        for change in inserted(history, "ticket_routing")
        if not change.line["actor"].startswith("person")
    )
    for ticket_id, times in routings.items():
        if times > answers[ticket_id]:
            yield Finding(DOUBLE, f"ticket {ticket_id} was routed {times} times on {answers[ticket_id]} answers")


def revisions_grow_by_one(history: History) -> Iterator[Finding]:
    """Per producer and subject: one, two, three, whatever was rolled back in between."""
    numbers: dict[tuple[str, int, str], list[int]] = defaultdict(list)
    for change in inserted(history, "outbox"):
        numbers[change.schema, change.line["company_id"], change.line["subject"]].append(change.line["revision"])
    for (schema, _, subject), found in numbers.items():
        if sorted(found) != list(range(1, len(found) + 1)):
            yield Finding(DISORDER, f"{SERVICE_OF[schema]} announced {subject} with revisions {found}")


def final_states_are_what_callers_were_told(history: History) -> Iterator[Finding]:
    """The last answer a caller got is what is stored."""
    stored = {ticket["id"]: ticket for ticket in history.states["tickets"]}
    for expected in history.tickets:
        ticket = stored.get(expected.ticket_id)
        if ticket is None:
            if expected.deleted is False:
                yield Finding(LOST, f"ticket {expected.ticket_id} is gone though nobody deleted it")
            continue
        if expected.deleted:
            yield Finding(CAME_BACK, f"ticket {expected.ticket_id} was deleted and is there")
        for name, allowed in (
            ("status", expected.statuses),
            ("priority", expected.priorities),
            ("department", expected.departments),
        ):
            if allowed is not None and ticket[name] not in allowed:
                yield Finding(DIFFERENT, f"{name} of ticket {ticket['id']} is {ticket[name]}, callers know {allowed}")


def every_service_has_the_same_picture(history: History) -> Iterator[Finding]:
    """Routing, the shown ticket and the count agree, ticket by ticket."""
    tickets = {ticket["id"]: ticket for ticket in history.states["tickets"]}
    for place, key in (("routed", "routing-service"), ("counted", "analytics-service")):
        theirs = {row["ticket_id"]: row for row in history.states[place] if not row["gone"]}
        for ticket_id in theirs.keys() - tickets.keys():
            yield Finding(CAME_BACK, f"{key} knows ticket {ticket_id}, which does not exist any more")
        for ticket_id, ticket in tickets.items():
            row = theirs.get(ticket_id)
            if row is None:
                yield Finding(LOST, f"{key} never heard of ticket {ticket_id}")
                continue
            for name in ("department", "need_admin", "status"):
                if name in row and row[name] != ticket[name]:
                    yield Finding(
                        DIFFERENT, f"{name} of ticket {ticket_id}: {ticket[name]} shown, {row[name]} in {key}"
                    )
    for ticket in tickets.values():
        if ticket["department"] is None:
            yield Finding(LOST, f"ticket {ticket['id']} was never routed")


def counts_are_the_sum_of_what_they_count(history: History) -> Iterator[Finding]:
    """A difference counted twice or never would stay for ever."""
    alive = [row for row in history.states["counted"] if not row["gone"]]
    yield from _compare(
        "analytics",
        Counter((row["company_id"], row["department"] or "", row["status"]) for row in alive),
        {(row["company_id"], row["department"], row["status"]): row["tickets"] for row in history.states["totals"]},
    )
    routed = [row for row in history.states["routed"] if not row["gone"] and row["department"]]
    yield from _compare(
        "routing",
        Counter((row["company_id"], row["department"]) for row in routed),
        {(row["company_id"], row["department"]): row["tickets"] for row in history.states["routing_totals"]},
    )


def _compare(place: str, counted: Mapping[Any, int], told: Mapping[Any, int]) -> Iterator[Finding]:
    for key in sorted({*counted, *told}):
        if counted.get(key, 0) != told.get(key, 0):
            yield Finding(DIFFERENT, f"{place} counts {told.get(key, 0)} for {key}, there are {counted.get(key, 0)}")


def it_came_to_rest(history: History) -> Iterator[Finding]:
    """Within the limit after the last fault."""
    if history.converged_seconds is None:
        yield Finding(UNFINISHED, "work was left when the time was up")


RULES: tuple[Callable[[History], Iterator[Finding]], ...] = (
    every_accepted_ticket_was_stored_once,
    nobody_was_refused,
    every_event_was_published,
    nothing_was_marked_before_it_was_confirmed,
    every_event_reached_every_queue,
    nothing_was_parked,
    every_effect_happened_once,
    revisions_grow_by_one,
    final_states_are_what_callers_were_told,
    every_service_has_the_same_picture,
    counts_are_the_sum_of_what_they_count,
    it_came_to_rest,
)
