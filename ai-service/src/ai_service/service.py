"""Builds ai-service: its Flask app, its subscriptions, and their dependencies."""

from flask import Flask
from model_kit.claude.client import Claude
from model_kit.local import local_encoder
from model_kit.provision_in_background import provision_in_background
from service_kit.database.engine import Database
from service_kit.http.app import WorkerStatus, service_app
from service_kit.http_client import ServiceClient
from service_kit.identity import TokenSigner
from service_kit.messaging.contracts import Contracts
from service_kit.messaging.publish import outbox
from service_kit.messaging.subscription import Subscription
from service_kit.telemetry.metrics import Metrics

from ai_service.adapters.claude.classifier import ClaudeClassifier
from ai_service.adapters.company_cache import CompanyCache
from ai_service.adapters.export.files import ExportFiles
from ai_service.adapters.export.training_export import TrainingExport
from ai_service.adapters.local.evaluator import Evaluator
from ai_service.adapters.local.heads import Heads
from ai_service.adapters.local.model import LocalModel
from ai_service.adapters.local.team_matching import TeamMatcher, texts_from
from ai_service.adapters.local.trainer import Trainer
from ai_service.adapters.local.tuned_encoders import TunedEncoders
from ai_service.adapters.ticket_service import TicketServiceClient
from ai_service.api.analyze import analyze
from ai_service.api.budget import budget
from ai_service.api.cascade_settings import cascade_settings
from ai_service.api.categorize import CATEGORIZER, categorize
from ai_service.api.costs import costs
from ai_service.api.evaluation import EVALUATION_ROWS, evaluation
from ai_service.api.explanation import EXPLAINER, explanation
from ai_service.api.priority_report import priority_report
from ai_service.api.priority_rules import priority_rules
from ai_service.api.training import LOCAL_MODEL, THRESHOLD, training
from ai_service.api.training_export import EXPORTS, training_export
from ai_service.consumers import (
    company_changed,
    department_changed,
    evaluation_requested,
    export_outdated,
    model_used,
    team_changed,
    ticket_created,
    ticket_deleted,
    ticket_routed,
    ticket_status_updated,
    ticket_updated,
    training_requested,
)
from ai_service.domain.cascade import ClassifierCascade
from ai_service.domain.company import CompanyNotFound
from ai_service.domain.evaluation import EvaluationNotFound, NothingToEvaluate, TooManyEvaluations
from ai_service.domain.priority.rules import RuleExists, RuleNotFound, TooManyRules
from ai_service.domain.training import (
    ExportNotFound,
    FineTuning,
    ModelNotFound,
    NoServingModel,
    PredictionNotFound,
    TrainingInProgress,
    TrainingNotFound,
)
from ai_service.settings import MINILM, NAME, PORT, SCHEMA, Settings, read_settings
from ai_service.usecases.categorize import Categorizer
from ai_service.usecases.classification_cache import ClassificationCache
from ai_service.usecases.explain import Explainer

__all__ = ["NAME", "PORT", "SCHEMA", "create_app", "load", "on_worker_start", "read_settings", "subscriptions"]

PREPARE_THREADS_WITHOUT_MODELS = 1
"""Counting keywords is quicker than a hand-over to another thread."""

WORKER_CONNECTIONS = 2
TICKET_SERVICE_DEADLINE_SECONDS = 1.0
"""Deadline of the question to ticket-service whether a ticket exists."""
LABELS_BATCH_DELAY_SECONDS = 0.2
"""Labels have no latency target, so their consumer waits for larger batches."""

ERRORS: dict[type[Exception], tuple[int, str]] = {
    CompanyNotFound: (404, "company_not_found"),
    RuleNotFound: (404, "rule_not_found"),
    PredictionNotFound: (404, "ticket_not_found"),
    TrainingNotFound: (404, "training_not_found"),
    ExportNotFound: (404, "export_not_found"),
    EvaluationNotFound: (404, "evaluation_not_found"),
    NothingToEvaluate: (409, "nothing_to_evaluate"),
    TooManyEvaluations: (409, "too_many_evaluations"),
    TrainingInProgress: (409, "training_under_way"),
    ModelNotFound: (404, "model_not_found"),
    NoServingModel: (409, "no_model_serves"),
    RuleExists: (409, "rule_exists"),
    TooManyRules: (409, "too_many_rules"),
}


def load(settings: Settings) -> None:
    """Import heavy modules, once for all processes of the service and not within the first ticket's deadline."""
    claude = _claude(settings)
    if claude is not None:
        claude.load()


def on_worker_start(settings: Settings, _database: Database) -> None:
    """Prepare the local model in the background, if it isn't ready."""
    if settings.encoder_folder is not None:
        provision_in_background(
            settings.encoder_folder,
            "auto" if settings.embeddings_model == MINILM else settings.embeddings_model,
            install=settings.embeddings_install,
        )


def create_app(settings: Settings, metrics: Metrics | None = None, worker_status: WorkerStatus | None = None) -> Flask:
    """Return the HTTP app; it connects to nothing before the first request."""
    metrics = metrics or Metrics(NAME)
    database = _database(settings, settings.pool_size)
    outbox.connect(database, Contracts.installed(settings.services))
    app = service_app(
        settings,
        database,
        [
            categorize,
            analyze,
            priority_rules,
            priority_report,
            training,
            training_export,
            explanation,
            evaluation,
            cascade_settings,
            costs,
            budget,
        ],
        metrics=metrics,
        worker_status=worker_status,
        errors=ERRORS,
    )
    app.extensions[THRESHOLD] = settings.analyze_training_threshold
    app.extensions[EVALUATION_ROWS] = settings.evaluation_rows
    app.extensions[EXPORTS] = _exports(settings)
    companies = CompanyCache(database, seconds=settings.departments_seconds)
    local = _local(settings, database)
    app.extensions[CATEGORIZER] = _categorizer(settings, database, metrics, _claude(settings), companies, local)
    app.extensions[LOCAL_MODEL] = local
    app.extensions[EXPLAINER] = Explainer(companies.get, local, _tickets(settings).is_deleted)
    return app


def subscriptions(settings: Settings, metrics: Metrics | None = None) -> list[Subscription]:
    """Return the subscriptions of this service."""
    metrics = metrics or Metrics(NAME)
    claude = _claude(settings)
    database = _database(settings, WORKER_CONNECTIONS)
    companies = CompanyCache(database, seconds=settings.departments_seconds)
    categorizer = _categorizer(settings, database, metrics, claude, companies, _local(settings, database))
    return [
        Subscription(
            "categorize",
            {"ticket.created": ticket_created.handler(categorizer, metrics, settings.analyze_training_threshold)},
            track_revisions=False,
            prepare_threads=settings.claude.concurrency if claude else PREPARE_THREADS_WITHOUT_MODELS,
        ),
        Subscription("forget", {"ticket.deleted": ticket_deleted.HANDLER}, track_revisions=False),
        Subscription("keep-ledger", {"model.used": model_used.HANDLER}, track_revisions=False),
        Subscription(
            "remove-exports",
            {"training.export.outdated": export_outdated.handler(_exports(settings))},
            track_revisions=False,
            prepare_threads=1,
        ),
        Subscription(
            "know-departments",
            dict.fromkeys(
                ("department.created", "department.updated", "department.deleted"), department_changed.HANDLER
            ),
            track_revisions=False,
        ),
        Subscription(
            "know-companies",
            dict.fromkeys(("company.created", "company.updated"), company_changed.HANDLER),
            track_revisions=False,
        ),
        Subscription(
            "know-teams",
            dict.fromkeys(("team.created", "team.updated", "team.deleted"), team_changed.HANDLER),
            track_revisions=False,
        ),
        Subscription(
            "learn",
            {
                "ticket.routed": ticket_routed.HANDLER,
                "ticket.updated": ticket_updated.HANDLER,
                "ticket.status.updated": ticket_status_updated.HANDLER,
            },
            track_revisions=False,
            max_batch_delay_seconds=LABELS_BATCH_DELAY_SECONDS,
        ),
        Subscription(
            "train",
            {"training.requested": training_requested.handler(_trainer(settings).train)},
            track_revisions=False,
            prepare_threads=1,
            max_batch_events=1,
        ),
        Subscription(
            "evaluate",
            {"evaluation.requested": evaluation_requested.handler(_evaluator(settings).evaluate)},
            track_revisions=False,
            prepare_threads=1,
            max_batch_events=1,
        ),
    ]


def _database(settings: Settings, connections: int) -> Database:
    return Database(
        settings.database_url,
        schema=SCHEMA,
        relay_url=settings.relay_database_url,
        pool_size=connections,
        statement_timeout_ms=settings.statement_timeout_ms,
        application_name=NAME,
    )


def _categorizer(
    settings: Settings,
    database: Database,
    metrics: Metrics,
    claude: Claude | None,
    companies: CompanyCache,
    local: LocalModel | None,
) -> Categorizer:
    cascade = ClassifierCascade([ClaudeClassifier(claude, settings.claude.model)] if claude else [])
    cache = ClassificationCache(per_company=settings.cache_answers, seconds=settings.cache_seconds)
    return Categorizer(cascade, companies.get, cache, database.session, metrics, local)


def _trainer(settings: Settings) -> Trainer:
    database = _database(settings, 1)
    export = TrainingExport(database, _exports(settings)).write
    return Trainer(
        database,
        settings.encoder_folder,
        seconds=settings.training_seconds,
        fine_tuning=FineTuning(settings.fine_tune_from, settings.fine_tune_seconds),
        export=export,
    )


def _evaluator(settings: Settings) -> Evaluator:
    return Evaluator(
        _database(settings, 1),
        settings.encoder_folder,
        seconds=settings.training_seconds,
        fine_tune_seconds=settings.fine_tune_seconds,
    )


def _exports(settings: Settings) -> ExportFiles:
    return ExportFiles(
        settings.training_folder,
        settings.training_export_path,
        settings.training_export_sheet_name,
        seconds=settings.training_seconds,
    )


def _local(settings: Settings, database: Database) -> LocalModel | None:
    if settings.encoder_folder is None:
        return None
    encoder = local_encoder(settings.encoder_folder)
    heads = Heads(database, encoder, TunedEncoders(database, settings.encoder_folder))
    return LocalModel(encoder, heads, TeamMatcher(encoder, texts_from(database)))


def _tickets(settings: Settings) -> TicketServiceClient:
    neighbour = ServiceClient(
        "ticket-service", settings.ticket_service_url, deadline_seconds=TICKET_SERVICE_DEADLINE_SECONDS
    )
    return TicketServiceClient(neighbour, TokenSigner(NAME, settings.signing_key), NAME)


def _claude(settings: Settings) -> Claude | None:
    return Claude.by(settings.claude) if settings.claude.api_key else None
