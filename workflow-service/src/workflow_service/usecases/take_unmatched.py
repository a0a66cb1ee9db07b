"""Let a workflow that is deployed take the unmatched tickets of its scope, oldest numbers first."""

from dataclasses import dataclass

from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from workflow_service.domain.matching import Match, match
from workflow_service.domain.workflow import Scope, Workflow
from workflow_service.store import tickets, workflows
from workflow_service.usecases.dealer import Dealer
from workflow_service.usecases.follow_statuses import follow_statuses
from workflow_service.usecases.take_tickets import Start, begin_tasks


@dataclass(frozen=True)
class Take:
    """A person's wish that a deployed workflow takes waiting tickets, `most` of them at once."""

    actor: str
    cause: Cause
    most: int


@dataclass(frozen=True)
class Unmatched:
    """The unmatched open tickets that a workflow matches, and how many of them it has taken."""

    matching: int
    taken: int


def take_unmatched(session: Session, workflow: Workflow, take: Take | None) -> Unmatched:
    """Count the unmatched open tickets that a deployed workflow matches and, with `take`, begin their tasks.

    It runs in the caller's transaction.
    """
    rules = _rules(session, workflow)
    matching = sum(number for number, _ in rules.values())
    if take is None or not matching:
        return Unmatched(matching, 0)
    before = tickets.lock_unmatched_of(session, workflow.company_id, list(rules), limit=take.most)
    if not before:
        return Unmatched(matching, 0)
    dealer = Dealer(session, {workflow.company_id: len(before)})
    starts = [Start(ticket, rules[ticket.scope][1], take.cause, take.actor) for ticket in before.values()]
    begin_tasks(session, dealer, starts)
    dealer.save()
    tickets.save(session, before, {key: ticket._replace(unmatched_since=None) for key, ticket in before.items()})
    statuses = {key: ticket.status for key, ticket in before.items() if ticket.status is not None}
    follow_statuses(session, statuses, dict.fromkeys(statuses, take.cause))
    return Unmatched(matching, len(before))


def _rules(session: Session, workflow: Workflow) -> dict[Scope, tuple[int, Match]]:
    """Return the scopes of unmatched open tickets that the workflow takes: their number, and the match."""
    candidates = workflows.candidates(session, [workflow.company_id]).get(workflow.company_id, [])
    found = {}
    for scope, number in tickets.unmatched_scopes(session, workflow.company_id).items():
        matched = match(candidates, scope)
        if matched is not None and matched.workflow_id == workflow.id:
            found[scope] = number, matched
    return found
