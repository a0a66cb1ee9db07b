"""Begin the tasks of routed tickets, and move the tasks of rerouted ones to their new pools."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from eventbus.publish import outbox
from projection_kit.locked_rows import Key
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from workflow_service.domain import matching
from workflow_service.domain.deal import Choice, pool_name
from workflow_service.domain.definition import Definition
from workflow_service.domain.matching import Match
from workflow_service.domain.task import Task
from workflow_service.domain.ticket import Ticket
from workflow_service.events import task_unmatched
from workflow_service.store import calendars, tasks, workflows
from workflow_service.store.tasks import Change
from workflow_service.store.version_cache import Version
from workflow_service.usecases.dealer import Dealer, counts_open_tasks
from workflow_service.usecases.save_tasks import MACHINE, assign, next_version, save_changes, save_new


@dataclass(frozen=True)
class Start:
    """A ticket whose task begins."""

    ticket: Ticket
    match: Match
    cause: Cause
    actor: str = MACHINE


def take_tickets(session: Session, routed: Mapping[Key, Ticket], causes: Mapping[Key, Cause]) -> dict[Key, Ticket]:
    """Give routed tickets, which are locked, a task each; return them as they are to be stored.

    A ticket with a task keeps its workflow and its step. A ticket that no workflow takes is unmatched.
    """
    if not routed:
        return {}
    now = datetime.now(UTC)
    matched = _match(session, routed, with_task=tasks.keys_with_task(session, routed))
    stored = dict(routed)
    starts: list[Start] = []
    for key, match in matched.items():
        ticket = routed[key]
        if match is not None:
            starts.append(Start(ticket, match, causes[key]))
            stored[key] = ticket._replace(unmatched_since=None)
        elif ticket.unmatched_since is None:
            stored[key] = ticket._replace(unmatched_since=now)
            outbox.add(session, task_unmatched(ticket, now, causes[key]))
    running = {key: ticket for key, ticket in routed.items() if key not in matched}
    numbers = Counter(key[0] for key in routed if matched.get(key, True) is not None)
    if numbers:
        dealer = Dealer(session, numbers)
        begin_tasks(session, dealer, starts)
        _reroute(session, dealer, running, causes)
        dealer.save()
    return stored


def begin_tasks(session: Session, dealer: Dealer, starts: Sequence[Start]) -> dict[Key, Task]:
    """Begin the tasks of tickets, in the order of their numbers, and return them."""
    if not starts:
        return {}
    definitions = workflows.definitions_of(session, {_version(start) for start in starts})
    _load_pools(dealer, [(start.ticket.company_id, _pool(start, definitions), _definition(start, definitions))
                         for start in starts])  # fmt: skip
    choices: dict[Key, Choice] = {}
    new = []
    named = {(key[0], definition.calendar_id) for key, definition in definitions.items()}
    calendar_versions = calendars.newest(session, {(company, each) for company, each in named if each is not None})
    for start in sorted(starts, key=lambda start: start.ticket[:2]):
        ticket, definition = start.ticket, _definition(start, definitions)
        need = dealer.need(ticket.company_id, definition, definition.start)
        choice = dealer.choose(ticket.company_id, _pool(start, definitions), need)
        choices[ticket.company_id, ticket.ticket_id] = choice
        new.append(
            {
                "company_id": ticket.company_id,
                "ticket_id": ticket.ticket_id,
                "ticket_uuid": ticket.ticket_uuid,
                "external_ticket_id": ticket.external_ticket_id,
                "workflow_id": start.match.workflow_id,
                "workflow_version": start.match.version,
                "matched_by": start.match.rule,
                "department": ticket.department,
                "team_id": ticket.team_id,
                "team": ticket.team,
                "priority": ticket.priority,
                "step": definition.start.name,
                "assigned_user": choice.email,
                "assigned_at": None if choice.email is None else dealer.now,
                "calendar_version": calendar_versions.get((ticket.company_id, definition.calendar_id or 0)),
            }
        )
    begun = {(task.company_id, task.ticket_id): task for task in tasks.begin(session, new)}
    changes = []
    for start in starts:
        key = start.ticket.company_id, start.ticket.ticket_id
        changes.append((Change("created", start.actor, None, begun[key], start.match.rule, choices[key]), start.cause))
    shown = save_new(session, changes, dealer.now)
    return {(task.company_id, task.ticket_id): task for task in shown}


def _match(session: Session, routed: Mapping[Key, Ticket], with_task: set[Key]) -> dict[Key, Match | None]:
    """Return the match of each ticket without a task; companies without any workflow get the default one."""
    waiting = {key: ticket for key, ticket in routed.items() if key not in with_task}
    companies = {company_id for company_id, _ in waiting}
    if not companies:
        return {}
    candidates = workflows.candidates(session, companies)
    if new := companies - candidates.keys():
        workflows.add_default(session, sorted(new))
        candidates |= workflows.candidates(session, new)
    return {key: matching.match(candidates.get(key[0], []), ticket.scope) for key, ticket in waiting.items()}


def _reroute(session: Session, dealer: Dealer, routed: Mapping[Key, Ticket], causes: Mapping[Key, Cause]) -> None:
    """Move open tasks to the pools of their tickets' new department or team; who works there too keeps them.

    A change of the priority alone moves no task.
    """
    if not routed:
        return
    running = {
        key: task for key, task in tasks.of_tickets(session, list(routed)).items() if _differs(task, routed[key])
    }
    definitions = workflows.definitions_of(session, {_version_of(task) for task in running.values()})
    moved = {key: _at(task, routed[key]) for key, task in running.items()}
    steps = {key: definitions[_version_of(task)].step(task.step) for key, task in running.items()}
    _load_pools(
        dealer,
        [(key[0], pool_name(steps[key].role, task.team_id, task.department), definitions[_version_of(task)])
         for key, task in moved.items()],
    )  # fmt: skip
    changes: list[tuple[Change, Cause]] = []
    for key, before in running.items():
        after, choice = moved[key], None
        step = steps[key]
        pool = dealer.pool(after, step.role)
        # In the same pool the task stays, also with somebody from elsewhere to whom a person gave it.
        stays = after.assigned_user is not None and pool.name == pool_name(step.role, before.team_id, before.department)
        if after.is_open and not stays and not pool.may_keep(after.assigned_user, step.role, step.skills):
            need = dealer.need(after.company_id, definitions[_version_of(after)], step)
            choice = dealer.choose(after.company_id, pool.name, need)
            after = assign(after, choice)
        after = next_version(before, after, dealer.now)
        changes.append((Change("rerouted", MACHINE, before, after, choice=choice), causes[key]))
    save_changes(session, changes, dealer.now)


def _load_pools(dealer: Dealer, wanted: Sequence[tuple[int, str, Definition]]) -> None:
    by_company: dict[int, set[str]] = {}
    counting = {company_id for company_id, _, definition in wanted if counts_open_tasks(definition)}
    for company_id, pool, _ in wanted:
        by_company.setdefault(company_id, set()).add(pool)
    for company_id, names in sorted(by_company.items()):
        dealer.load(company_id, names, with_open=company_id in counting)


def _differs(task: Task, ticket: Ticket) -> bool:
    return (task.department, task.team_id, task.team, task.priority) != (
        ticket.department, ticket.team_id, ticket.team, ticket.priority,
    )  # fmt: skip


def _at(task: Task, ticket: Ticket) -> Task:
    return replace(
        task, department=ticket.department, team_id=ticket.team_id, team=ticket.team, priority=ticket.priority
    )


def _version(start: Start) -> Version:
    return start.ticket.company_id, start.match.workflow_id, start.match.version


def _version_of(task: Task) -> Version:
    return task.company_id, task.workflow_id, task.workflow_version


def _definition(start: Start, definitions: Mapping[Version, Definition]) -> Definition:
    return definitions[_version(start)]


def _pool(start: Start, definitions: Mapping[Version, Definition]) -> str:
    role = _definition(start, definitions).start.role
    return pool_name(role, start.ticket.team_id, start.ticket.department)
