"""Give people the open tasks that nobody works on: those of a pool, and those of people who left or are absent."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from service_kit.database.engine import Database
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from workflow_service.domain.deal import pool_name
from workflow_service.domain.definition import Definition
from workflow_service.domain.task import Task
from workflow_service.store import offers, workflows
from workflow_service.store.tasks import Change
from workflow_service.usecases.dealer import Dealer, counts_open_tasks
from workflow_service.usecases.save_tasks import MACHINE, assign, next_version, save_changes

MAX_TASKS_PER_OFFER = 200
MAX_OFFERS_PER_SWEEP = 25


def offer_tasks(session: Session, company_id: int, *, after: int, cause: Cause) -> int:
    """Offer up to 200 tasks beyond the task `after`, in the caller's transaction.

    Pending tasks of absent people, and all open tasks of people who left, are offered anew; without anybody they wait
    in the pool. Returns the last task's id, 0 where there were fewer.
    """
    dealer = Dealer(session, {company_id: MAX_TASKS_PER_OFFER})
    found = offers.lock(session, company_id, after=after, limit=MAX_TASKS_PER_OFFER)
    definitions: dict[tuple[int, int], Definition] = {}
    for task in found:
        version = task.workflow_id, task.workflow_version
        if version not in definitions:
            definitions[version] = workflows.definition_of(session, company_id, *version)
    _load(dealer, company_id, found, definitions)
    changes: list[tuple[Change, Cause]] = []
    for before in found:
        definition = definitions[before.workflow_id, before.workflow_version]
        step = definition.step(before.step)
        need = dealer.need(company_id, definition, step)
        if need.is_closed:
            continue
        choice = dealer.choose(company_id, pool_name(step.role, before.team_id, before.department), need)
        after_offer = assign(before, choice)
        if after_offer.assigned_user != before.assigned_user:
            changed = next_version(before, after_offer, dealer.now)
            changes.append((Change("offered", MACHINE, before, changed, choice=choice), cause))
    dealer.save()
    save_changes(session, changes, dealer.now)
    return found[-1].id if len(found) == MAX_TASKS_PER_OFFER else 0


def _load(
    dealer: Dealer, company_id: int, tasks: Sequence[Task], definitions: dict[tuple[int, int], Definition]
) -> None:
    names = set()
    for task in tasks:
        role = definitions[task.workflow_id, task.workflow_version].step(task.step).role
        names.add(pool_name(role, task.team_id, task.department))
    with_open = any(counts_open_tasks(definition) for definition in definitions.values())
    dealer.load(company_id, names, with_open=with_open)


@dataclass
class Sweep:
    """The maintenance job that offers tasks in every company where some wait.

    Where many tasks wait for nobody, each run goes on behind the tasks of the one before, so that none keeps others.
    """

    database: Database
    _after: dict[int, int] = field(default_factory=dict)

    def run(self) -> None:
        """Offer what waits, a short transaction per 200 tasks."""
        companies = self.database.companies()
        if not companies:
            return
        with self.database.session(*companies) as session:
            waiting = offers.companies(session)
        for company_id in waiting:
            self._offer(company_id)

    def _offer(self, company_id: int) -> None:
        after = self._after.pop(company_id, 0)
        for _ in range(MAX_OFFERS_PER_SWEEP):
            with self.database.session(company_id) as session, session.begin():
                after = offer_tasks(session, company_id, after=after, cause=Cause(request_id=uuid4().hex))
                if not after:
                    offers.mark_offered(session, company_id)
                    return
        self._after[company_id] = after
