"""workflow-service on one screen: its dependencies, routes and consumers."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from threading import Event as Flag

from company_kit.http.audit import audit
from company_kit.maintenance import company_maintenance
from operations_kit.service import Service
from service_kit.database.engine import Database
from service_kit.telemetry.metrics import Metrics

from workflow_service.adapters.partners import build_askers
from workflow_service.api.calendars import calendars
from workflow_service.api.dry_runs import dry_runs
from workflow_service.api.externals import externals
from workflow_service.api.moves import moves
from workflow_service.api.partner_callbacks import partner_callbacks
from workflow_service.api.policy_applications import policy_applications
from workflow_service.api.presence import presence
from workflow_service.api.tasks import tasks
from workflow_service.api.unmatched import unmatched
from workflow_service.api.workflows import workflows
from workflow_service.consumers import company_deleted, follow_clocks, follow_tickets, team_changed, user_changed
from workflow_service.dependencies import CallbackSettings, Dependencies
from workflow_service.domain.application import ApplicationNotFound
from workflow_service.domain.calendar_document import BadCalendar
from workflow_service.domain.calendars import CalendarExists, CalendarInUse, CalendarNotFound, TooManyCalendars
from workflow_service.domain.escalation import AlreadyEscalated
from workflow_service.domain.external import ExternalDecided, ExternalNotFound, ExternalUndecided, NotExternal
from workflow_service.domain.moves import ApprovalNeeded, IllegalMove, LastStep, UnknownStep
from workflow_service.domain.partner_answers import BadAnswer
from workflow_service.domain.presence import BadLease, NoAddress
from workflow_service.domain.task import NotAssignee, TaskNotFound
from workflow_service.domain.ticket import NoTask, TicketNotFound
from workflow_service.domain.workflow import (
    BadWorkflow,
    NotDeployed,
    TooManyWorkflows,
    UnknownWorkflow,
    WorkflowExists,
    WorkflowIsDefault,
    WorkflowNotFound,
    WorkflowOverlaps,
)
from workflow_service.settings import NAME, PORT, SCHEMA, Settings, read_settings
from workflow_service.store import version_cache
from workflow_service.usecases.hand_over import UnknownPerson
from workflow_service.usecases.offer_tasks import Sweep
from workflow_service.usecases.run_applications import run_applications
from workflow_service.usecases.run_external_requests import run_external_requests
from workflow_service.usecases.run_scans import run_scans

ERRORS: dict[type[Exception], tuple[int, str]] = {
    BadWorkflow: (400, "invalid"),
    WorkflowNotFound: (404, "workflow_not_found"),
    WorkflowExists: (409, "workflow_exists"),
    WorkflowIsDefault: (409, "workflow_is_default"),
    WorkflowOverlaps: (409, "workflow_overlaps"),
    NotDeployed: (409, "workflow_not_deployed"),
    TooManyWorkflows: (409, "too_many_workflows"),
    ApplicationNotFound: (404, "policy_application_not_found"),
    CalendarNotFound: (404, "calendar_not_found"),
    CalendarExists: (409, "calendar_exists"),
    CalendarInUse: (409, "calendar_in_use"),
    TooManyCalendars: (409, "too_many_calendars"),
    UnknownWorkflow: (400, "invalid"),
    UnknownStep: (400, "invalid"),
    UnknownPerson: (400, "invalid"),
    BadLease: (400, "invalid"),
    BadCalendar: (400, "invalid"),
    LastStep: (400, "last_step"),
    NotAssignee: (403, "not_assignee"),
    ApprovalNeeded: (403, "approval_needed"),
    TaskNotFound: (404, "task_not_found"),
    TicketNotFound: (404, "ticket_not_found"),
    NoTask: (409, "no_task"),
    IllegalMove: (409, "illegal_move"),
    AlreadyEscalated: (409, "already_escalated"),
    NoAddress: (409, "no_address"),
    NotExternal: (400, "invalid"),
    ExternalNotFound: (404, "external_not_found"),
    ExternalUndecided: (409, "external_undecided"),
    ExternalDecided: (409, "external_decided"),
    BadAnswer: (400, "invalid"),
}


def build(settings: Settings, database: Database, metrics: Metrics) -> Dependencies:
    """Return what handlers and consumers need, once per process; connects to nothing."""
    version_cache.connect(database)
    return Dependencies(
        database=database,
        dry_run_tasks=settings.dry_run_tasks,
        taken_per_deployment=settings.taken_per_deployment,
        callbacks=CallbackSettings(
            {"ams": settings.ams_webhook_keys, "bms": settings.bms_webhook_keys},
            timedelta(seconds=settings.partner_webhook_seconds),
        ),
        askers=build_askers(settings, database, metrics),
    )


def maintenance(settings: Settings, deps: Dependencies) -> Callable[[], None]:
    """Return the periodic job: it offers tasks that nobody works on, and maintains companies."""
    sweep = Sweep(deps.database)
    maintain_companies = company_maintenance(settings, deps.database)

    def job() -> None:
        sweep.run()
        maintain_companies()

    return job


def loops(_settings: Settings, deps: Dependencies) -> Mapping[str, Callable[[Flag], object]]:
    """Return the scan of due clocks, the application of policies and the requests to partners, for every replica."""
    return {
        "scan": partial(run_scans, deps.database),
        "apply": partial(run_applications, deps.database),
        "partners": partial(run_external_requests, deps.askers),
    }


SERVICE = Service(
    name=NAME,
    schema=SCHEMA,
    port=PORT,
    read_settings=read_settings,
    build=build,
    blueprints=[
        unmatched,
        workflows,
        dry_runs,
        policy_applications,
        tasks,
        moves,
        externals,
        partner_callbacks,
        calendars,
        presence,
        audit,
    ],
    consumers=[
        follow_tickets.CONSUMER,
        follow_clocks.CONSUMER,
        team_changed.CONSUMER,
        user_changed.CONSUMER,
        company_deleted.CONSUMER,
    ],
    errors=ERRORS,
    maintenance=maintenance,
    loops=loops,
)
