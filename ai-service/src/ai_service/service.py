"""ai-service: its dependencies, routes, consumers and errors."""

from collections.abc import Callable, Mapping

from company_kit.http.audit import audit
from company_kit.maintenance import company_maintenance
from eventbus.consumer import QueueOptions
from model_kit.claude.client import Claude
from model_kit.provision_in_background import provision_in_background
from operations_kit.service import Service
from service_kit.database.engine import Database
from service_kit.http_client import ServiceClient
from service_kit.identity import TokenSigner
from service_kit.telemetry.metrics import Metrics

from ai_service.adapters.claude.classifier import ClaudeClassifier
from ai_service.adapters.company_cache import CompanyCache
from ai_service.adapters.export.files import ExportFiles
from ai_service.adapters.export.training_export import TrainingExport
from ai_service.adapters.local.evaluator import Evaluator
from ai_service.adapters.local.job_process import JobLimits
from ai_service.adapters.local.model import local_model
from ai_service.adapters.local.trainer import Trainer
from ai_service.adapters.local.tuned_encoders import remove_folders
from ai_service.adapters.ticket_service import TicketServiceClient
from ai_service.api.analyze import analyze
from ai_service.api.budget import budget
from ai_service.api.cascade_settings import cascade_settings
from ai_service.api.categorize import categorize
from ai_service.api.costs import costs
from ai_service.api.evaluation import evaluation
from ai_service.api.explanation import explanation
from ai_service.api.priority_report import priority_report
from ai_service.api.priority_rules import priority_rules
from ai_service.api.training import training
from ai_service.api.training_export import training_export
from ai_service.consumers import (
    company_changed,
    company_deleted,
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
from ai_service.dependencies import Dependencies
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
from ai_service.metrics import AiMetrics
from ai_service.settings import MINILM, NAME, PORT, SCHEMA, Settings, read_settings
from ai_service.usecases.categorize import Categorizer
from ai_service.usecases.classification_cache import ClassificationCache
from ai_service.usecases.explain import Explainer

PREPARE_THREADS_WITHOUT_MODELS = 1
"""Counting keywords is quicker than a hand-over to another thread."""
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


def build(settings: Settings, database: Database, metrics: Metrics) -> Dependencies:
    """Return what handlers need, once per process; connects to nothing."""
    companies = CompanyCache(database, seconds=settings.departments_seconds)
    local = local_model(database, settings.encoder_folder) if settings.encoder_folder is not None else None
    exports = _exports(settings)
    cache = ClassificationCache(per_company=settings.cache_answers, seconds=settings.cache_seconds)
    return Dependencies(
        database=database,
        metrics=AiMetrics(metrics),
        categorizer=Categorizer(_cascade(settings), companies.get, cache, database.session, metrics, local),
        explainer=Explainer(companies.get, local, _tickets(settings).is_deleted),
        local=local,
        exports=exports,
        trainer=Trainer(
            database,
            settings.encoder_folder,
            limits=JobLimits(settings.training_seconds, settings.training_niceness),
            fine_tuning=FineTuning(settings.fine_tune_from, settings.fine_tune_seconds),
            export=TrainingExport(database, exports).write,
        ),
        evaluator=Evaluator(
            database,
            settings.encoder_folder,
            limits=JobLimits(settings.training_seconds, settings.training_niceness),
            fine_tune_seconds=settings.fine_tune_seconds,
        ),
        training_threshold=settings.analyze_training_threshold,
        evaluation_rows=settings.evaluation_rows,
    )


def queues(settings: Settings) -> Mapping[str, QueueOptions]:
    """Return the options of the queues."""
    one_job = QueueOptions(prepare_threads=1, max_batch_events=1)
    has_claude = bool(settings.claude.api_key)
    return {
        "categorize": QueueOptions(
            prepare_threads=settings.claude.concurrency if has_claude else PREPARE_THREADS_WITHOUT_MODELS
        ),
        "remove-exports": QueueOptions(prepare_threads=1),
        "learn": QueueOptions(max_batch_delay_seconds=LABELS_BATCH_DELAY_SECONDS),
        "train": one_job,
        "evaluate": one_job,
    }


def prepare_local_model(settings: Settings, _deps: Dependencies) -> None:
    """Prepare the local model in the background, if it isn't ready."""
    if settings.encoder_folder is not None:
        provision_in_background(
            settings.encoder_folder,
            "auto" if settings.embeddings_model == MINILM else settings.embeddings_model,
            install=settings.embeddings_install,
        )


def maintenance(settings: Settings, deps: Dependencies) -> Callable[[], None]:
    """Return the maintenance job, which removes deleted companies and old audit records."""

    def remove_outside(company_id: int) -> None:
        deps.exports.remove_company(company_id)
        if settings.encoder_folder is not None:
            remove_folders(deps.database, company_id, settings.encoder_folder)

    return company_maintenance(settings, deps.database, remove_outside=remove_outside)


def _cascade(settings: Settings) -> ClassifierCascade:
    claude = _claude(settings)
    return ClassifierCascade([ClaudeClassifier(claude, settings.claude.model)] if claude is not None else [])


def _exports(settings: Settings) -> ExportFiles:
    return ExportFiles(
        settings.training_folder,
        settings.training_export_path,
        settings.training_export_sheet_name,
        seconds=settings.training_seconds,
        niceness=settings.training_niceness,
    )


def _tickets(settings: Settings) -> TicketServiceClient:
    client = ServiceClient(
        "ticket-service", settings.ticket_service_url, deadline_seconds=TICKET_SERVICE_DEADLINE_SECONDS
    )
    return TicketServiceClient(client, TokenSigner(NAME, settings.signing_key), NAME)


def _claude(settings: Settings) -> Claude | None:
    return Claude.from_settings(settings.claude) if settings.claude.api_key else None


SERVICE = Service(
    name=NAME,
    schema=SCHEMA,
    port=PORT,
    read_settings=read_settings,
    build=build,
    blueprints=[
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
        audit,
    ],
    consumers=[
        ticket_created.CONSUMER,
        ticket_deleted.CONSUMER,
        model_used.CONSUMER,
        export_outdated.CONSUMER,
        department_changed.CONSUMER,
        company_changed.CONSUMER,
        company_deleted.CONSUMER,
        team_changed.CONSUMER,
        ticket_routed.CONSUMER,
        ticket_updated.CONSUMER,
        ticket_status_updated.CONSUMER,
        training_requested.CONSUMER,
        evaluation_requested.CONSUMER,
    ],
    errors=ERRORS,
    queues=queues,
    load=load,
    on_start=prepare_local_model,
    maintenance=maintenance,
)
