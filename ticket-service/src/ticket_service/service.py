"""ticket-service on one screen: its dependencies, routes, consumers and maintenance job."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from threading import Event

from company_kit.http.audit import audit
from company_kit.maintenance import company_maintenance
from eventbus.consumer import QueueOptions
from operations_kit.service import Service
from service_kit.database.engine import Database
from service_kit.http_client import ServiceClient
from service_kit.identity import TokenSigner
from service_kit.telemetry.metrics import Metrics

from ticket_service.adapters.directory import AUTH, ROUTING, HttpDirectory
from ticket_service.adapters.hdts_queue import hdts_queue
from ticket_service.adapters.long_poll import RoutingWaiter, answered_requests_query
from ticket_service.adapters.mail_files import NOTIFICATION, HttpMailFiles
from ticket_service.adapters.routing_notifier import RoutingNotifier, open_wakeup_socket
from ticket_service.adapters.storage import storage_of
from ticket_service.api.attachments import attachments
from ticket_service.api.bulk import bulk
from ticket_service.api.comments import comments
from ticket_service.api.customer_tickets import customer_tickets
from ticket_service.api.departments import departments
from ticket_service.api.files import files
from ticket_service.api.hdts import hdts
from ticket_service.api.jobs import jobs
from ticket_service.api.macros import macros
from ticket_service.api.read_marks import read_marks
from ticket_service.api.reply_drafts import reply_drafts
from ticket_service.api.saved_views import saved_views
from ticket_service.api.solve import solve
from ticket_service.api.statuses import statuses
from ticket_service.api.ticket_presence import ticket_presence
from ticket_service.api.tickets import tickets
from ticket_service.api.trail import trail
from ticket_service.consumers import (
    company_changed,
    company_deleted,
    department_changed,
    job_step_requested,
    mail_received,
    solution_proposed,
    team_changed,
    ticket_assigned,
    ticket_routed,
    user_changed,
    user_deleted,
)
from ticket_service.dependencies import Dependencies
from ticket_service.domain.comments import BadComment, CommentDeleted, CommentNotFound, NotTheAuthor
from ticket_service.domain.errors import (
    DuplicateOpen,
    IllegalMove,
    RequesterMove,
    StaleVersion,
    TicketNotFound,
    UnfitTeam,
    UnknownDepartment,
    UnknownTeam,
    VersionConflict,
)
from ticket_service.domain.files import BadFile, NoSuchFile, VersionReplaced
from ticket_service.domain.jobs import JobFinished, JobNotFound, TooManyJobs, TooManyTickets
from ticket_service.domain.macro import MacroNotFound, TooManyMacros
from ticket_service.domain.reply_draft import DraftNotFound
from ticket_service.domain.saved_view import SharingForbidden, TooManyViews, ViewNotFound
from ticket_service.metrics import TicketMetrics
from ticket_service.ports import StorageDown
from ticket_service.settings import NAME, PORT, SCHEMA, Settings, read_settings
from ticket_service.usecases.accept_hdts_ticket import CompanyDeleted
from ticket_service.usecases.create_customer_ticket import TooBusy
from ticket_service.usecases.delete_orphaned_blobs import orphan_deletion
from ticket_service.usecases.fetch_mail_files import MailFileTools, fetch_files
from ticket_service.usecases.keep_jobs import maintain_jobs
from ticket_service.usecases.send_scheduled import send_scheduled
from ticket_service.usecases.upload_attachment import remove_unused_attachments

OWNER_DEADLINE_SECONDS = 1.0
"""The deadline of a request to the owner of departments or teams."""

FILE_DEADLINE_SECONDS = 60.0
"""The deadline of a request for a file of a mail: the mail is read for it."""

ERRORS: dict[type[Exception], tuple[int, str]] = {
    TicketNotFound: (404, "ticket_not_found"),
    StaleVersion: (412, "stale_version"),
    VersionConflict: (409, "stale_version"),
    IllegalMove: (409, "illegal_move"),
    RequesterMove: (403, "forbidden"),
    DuplicateOpen: (409, "duplicate_open"),
    TooBusy: (409, "too_busy"),
    UnknownDepartment: (400, "unknown_department"),
    UnknownTeam: (400, "unknown_team"),
    UnfitTeam: (400, "unfit_team"),
    BadFile: (400, "bad_file"),
    NoSuchFile: (404, "file_not_found"),
    VersionReplaced: (410, "version_replaced"),
    StorageDown: (503, "unavailable"),
    JobNotFound: (404, "job_not_found"),
    JobFinished: (409, "job_finished"),
    TooManyJobs: (429, "too_many_jobs"),
    TooManyTickets: (400, "too_many_tickets"),
    CompanyDeleted: (404, "company_not_found"),
    DraftNotFound: (404, "draft_not_found"),
    TooManyViews: (409, "too_many_views"),
    TooManyMacros: (409, "too_many_macros"),
    ViewNotFound: (404, "view_not_found"),
    MacroNotFound: (404, "macro_not_found"),
    SharingForbidden: (403, "forbidden"),
    CommentNotFound: (404, "comment_not_found"),
    CommentDeleted: (410, "comment_deleted"),
    NotTheAuthor: (403, "forbidden"),
    BadComment: (400, "invalid"),
}


def build(settings: Settings, database: Database, metrics: Metrics) -> Dependencies:
    """Return what handlers and consumers need, once per process; connects to nothing."""
    return Dependencies(
        database=database,
        metrics=TicketMetrics(metrics),
        # A quarter of the threads may wait, so that a slow pipeline never blocks all requests.
        waiter=RoutingWaiter(
            answered_requests_query(database), max(1, settings.http_threads // 4), partial(open_wakeup_socket, settings)
        ),
        notify=RoutingNotifier(settings).notify,
        create_wait_seconds=settings.create_wait_ms / 1000,
        directory=_directory(settings),
        storage=storage_of(settings.files),
        mail_files=_mail_files(settings),
        incoming=(settings.files.folder or Path(settings.runtime_dir)) / "incoming",
        max_file_bytes=settings.files.max_bytes,
        jobs=settings.jobs,
        views_per_person=settings.views_per_person,
        macros_per_company=settings.macros_per_company,
        errors=ERRORS,
    )


def queues(_settings: Settings) -> Mapping[str, QueueOptions]:
    """Return the options of the queues. Replicas keep the revisions in their own rows; each step is a transaction."""
    return {
        "show-routing": QueueOptions(track_revisions=True),
        "show-solutions": QueueOptions(track_revisions=True),
        "advance-jobs": QueueOptions(max_batch_events=1),
        # The tickets that mails answer stay locked until all of a batch are stored.
        "take-mails": QueueOptions(max_batch_events=20),
    }


def maintenance(settings: Settings, deps: Dependencies) -> Callable[[], None]:
    """Return the maintenance job: orphaned files, old and stalled jobs, and what each service does for companies."""
    delete_orphans = orphan_deletion(deps.database, deps.storage)
    maintain_companies = company_maintenance(settings, deps.database, remove_outside=deps.storage.remove_company)

    def maintain() -> None:
        maintain_jobs(deps.database, settings.jobs.keep_days)
        remove_unused_attachments(deps.database)
        delete_orphans()
        maintain_companies()

    return maintain


def loops(settings: Settings, deps: Dependencies) -> Mapping[str, Callable[[Event], object]]:
    """Return the loops of the worker: scheduled comments, files of mails, and another system's tickets."""
    tools = MailFileTools(deps.database, deps.storage, deps.mail_files)
    running: dict[str, Callable[[Event], object]] = {
        "comments": partial(send_scheduled, deps.database),
        "mail-files": partial(fetch_files, tools),
    }
    if settings.hdts.broker_url and settings.hdts.queue:
        running["hdts"] = hdts_queue(settings.hdts, deps.database, deps.metrics).run
    return running


def _directory(settings: Settings) -> HttpDirectory:
    routing, auth = (
        ServiceClient(name, url, deadline_seconds=OWNER_DEADLINE_SECONDS)
        for name, url in ((ROUTING, settings.routing_service_url), (AUTH, settings.auth_service_url))
    )
    return HttpDirectory(routing, auth, TokenSigner(NAME, settings.signing_key), NAME)


def _mail_files(settings: Settings) -> HttpMailFiles:
    client = ServiceClient(NOTIFICATION, settings.notification_service_url, deadline_seconds=FILE_DEADLINE_SECONDS)
    return HttpMailFiles(client, TokenSigner(NAME, settings.signing_key), NAME)


SERVICE = Service(
    name=NAME,
    schema=SCHEMA,
    port=PORT,
    read_settings=read_settings,
    build=build,
    blueprints=[
        tickets,
        customer_tickets,
        trail,
        comments,
        attachments,
        departments,
        statuses,
        files,
        bulk,
        jobs,
        hdts,
        reply_drafts,
        read_marks,
        saved_views,
        solve,
        macros,
        ticket_presence,
        audit,
    ],
    consumers=[
        ticket_routed.CONSUMER,
        ticket_assigned.CONSUMER,
        solution_proposed.CONSUMER,
        department_changed.CONSUMER,
        team_changed.CONSUMER,
        user_changed.CONSUMER,
        company_changed.CONSUMER,
        company_deleted.CONSUMER,
        user_deleted.CONSUMER,
        job_step_requested.CONSUMER,
        mail_received.CONSUMER,
    ],
    queues=queues,
    errors=ERRORS,
    maintenance=maintenance,
    loops=loops,
)
