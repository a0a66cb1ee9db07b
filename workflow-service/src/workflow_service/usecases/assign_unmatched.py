"""Let a workflow that a person chooses take a ticket that none has taken."""

from service_kit.http.idempotency import IdempotencyKey
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from workflow_service.domain.matching import BY_PERSON, Match
from workflow_service.domain.task import Mover, Task
from workflow_service.domain.ticket import TicketNotFound
from workflow_service.domain.workflow import DEPLOYED, NotDeployed, UnknownWorkflow
from workflow_service.store import tickets, workflows
from workflow_service.usecases.dealer import Dealer
from workflow_service.usecases.take_tickets import Start, begin_tasks


def assign_unmatched(
    session: Session,
    company_id: int,
    ticket_id: int,
    workflow_id: int,
    *,
    mover: Mover,
    cause: Cause,
    idempotency_key: IdempotencyKey[Task],
) -> Task:
    """Begin the task of an unmatched ticket.

    Raises TicketNotFound, UnknownWorkflow, NotDeployed, and Replayed for a repeated Idempotency-Key.
    """
    with session.begin():
        idempotency_key.claim(session)
        ticket = tickets.lock_unmatched(session, company_id, ticket_id)
        if ticket is None:
            raise TicketNotFound(f"no ticket {ticket_id} waits for a workflow")
        workflow = workflows.find(session, company_id, workflow_id)
        if workflow is None:
            raise UnknownWorkflow
        if workflow.state != DEPLOYED:
            raise NotDeployed("only a deployed workflow takes tickets")
        key = (company_id, ticket_id)
        dealer = Dealer(session, {company_id: 1})
        match = Match(workflow.id, workflow.version, BY_PERSON)
        begun = begin_tasks(session, dealer, [Start(ticket, match, cause, mover.name)])[key]
        dealer.save()
        tickets.save(session, {key: ticket}, {key: ticket._replace(unmatched_since=None)})
        idempotency_key.store(session, begun)
    return begun
