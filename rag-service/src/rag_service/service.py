"""Builds rag-service from its modules."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Flask, Response
from model_kit.claude.client import Claude
from model_kit.local import local_encoder
from model_kit.provision_in_background import provision_in_background
from service_kit.database.engine import Database
from service_kit.http.app import service_app
from service_kit.http.problems import Unavailable, problem_response
from service_kit.http_client import ServiceClient
from service_kit.identity import TokenSigner
from service_kit.messaging.contracts import Contracts
from service_kit.messaging.publish import outbox
from service_kit.messaging.publish.wakeup import waker_for
from service_kit.messaging.subscription import Subscription
from service_kit.telemetry.metrics import Metrics

from rag_service.adapters.budget import Budget
from rag_service.adapters.cache import KnowledgeCache
from rag_service.adapters.claude.writer import ClaudeWriter
from rag_service.adapters.embedder import Embedder
from rag_service.adapters.external_queue import external_queue
from rag_service.adapters.files import ExternalFiles, FileExistence, TicketServiceFiles, kind_of
from rag_service.adapters.parsing.chunking import StructuredChunker
from rag_service.adapters.parsing.limited import LimitedParser
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.vectors.factory import acquire_vectors, refuse_second_owner, vector_store
from rag_service.api.answers import answers
from rag_service.api.approved import approved
from rag_service.api.documents import documents
from rag_service.api.evaluation import evaluation
from rag_service.api.events import events
from rag_service.api.knowledge import knowledge
from rag_service.api.rebuild import rebuild as rebuild_api
from rag_service.consumers import (
    company_changed,
    document_changed,
    file_deleted,
    file_uploaded,
    rebuild_requested,
    ticket_created,
    ticket_deleted,
)
from rag_service.dependencies import EXTENSION, Dependencies
from rag_service.domain.errors import (
    ApprovedAnswerNotFound,
    ConversationNotFound,
    DocumentNotFound,
    NoRebuild,
    OtherCompany,
    QuestionNotFound,
    TooManyApproved,
    TooManyQuestions,
)
from rag_service.ports import VectorsDown, VectorStore
from rag_service.settings import MINILM, NAME, PORT, SCHEMA, Settings, read_settings
from rag_service.usecases import converse
from rag_service.usecases.answer import Answerer, Options
from rag_service.usecases.ingest import Ingestor
from rag_service.usecases.rebuild import current_version, rebuild, refill
from rag_service.usecases.retrieve import Retriever

__all__ = [
    "NAME",
    "PORT",
    "SCHEMA",
    "create_app",
    "load",
    "on_worker_start",
    "read_settings",
    "subscriptions",
    "upkeep",
]

WORKER_CONNECTIONS = 4
PROPOSAL_BATCH_SECONDS = 0.25
"""Proposals are not urgent, and batching leaves the CPU to routing the same ticket."""
CLEARING_THREADS = 16
"""Documents whose vectors are removed in parallel: they share one vacuum of their company's files."""

ERRORS: dict[type[Exception], tuple[int, str]] = {
    DocumentNotFound: (404, "document_not_found"),
    OtherCompany: (404, "company_not_found"),
    ConversationNotFound: (404, "conversation_not_found"),
    ApprovedAnswerNotFound: (404, "answer_not_found"),
    QuestionNotFound: (404, "question_not_found"),
    NoRebuild: (404, "no_rebuild"),
    TooManyApproved: (409, "too_many_answers"),
    TooManyQuestions: (409, "too_many_questions"),
}


def load(settings: Settings) -> None:
    """Load heavy libraries, once for all processes of the service. Raises BadSettings if another process owns the
    vectors."""
    if settings.one_process:
        refuse_second_owner(settings)
    if settings.claude.api_key:
        Claude.by(settings.claude).load()


def create_app(
    settings: Settings,
    metrics: Metrics | None = None,
    worker_status: Callable[[], Mapping[str, Any]] | None = None,
) -> Flask:
    """Create the HTTP app without connecting to anything. `app.extensions["waker"]` has a socket after its first use.

    Raises VectorsDown if another process owns the embedded vectors.
    """
    if settings.one_process:
        acquire_vectors(settings)
    database, vectors = _database(settings, settings.pool_size), vector_store(settings)
    waker = waker_for(settings)
    outbox.connect(database, Contracts.installed(tuple(settings.services)), waker.wake)
    app = service_app(
        settings,
        database,
        [knowledge, answers, documents, approved, evaluation, rebuild_api, events],
        metrics=metrics,
        worker_status=worker_status,
        errors=ERRORS,
        checks={"vectors": vectors.check},
    )
    app.register_error_handler(VectorsDown, _try_again)
    embedder = _embedder(settings)
    present = FileExistence.at(settings.ticket_service_url, TokenSigner(NAME, settings.signing_key), NAME).existing
    retriever = Retriever(database, vectors, embedder.embed, present)
    app.extensions["waker"] = waker
    app.extensions[EXTENSION] = Dependencies(
        database=database,
        vectors=vectors,
        embedder=embedder,
        retriever=retriever,
        present=present,
        answerer=_answerers(settings, database, retriever, embedder),
        external_files=_external_files(settings),
        top_k=settings.top_k,
        operator=settings.operator_company_id,
        claude=bool(settings.claude.api_key),
    )
    return app


def subscriptions(settings: Settings, metrics: Metrics | None = None) -> list[Subscription]:
    """Return the subscriptions: which events this service consumes, and their handlers."""
    database, embedder, vectors = _database(settings, WORKER_CONNECTIONS), _embedder(settings), vector_store(settings)
    retriever = Retriever(database, vectors, embedder.embed)
    answerer = _answerers(settings, database, retriever, embedder)
    ingestor = _ingestor(settings, database, embedder, vectors)
    propose = ticket_created.handler(
        lambda company_id, text: answerer(company_id).solution(text), KnowledgeCache(database).has_knowledge
    )
    ingested = document_changed.ingested(vectors, partial(refill, database, vectors))

    def again(company_id: int) -> int:
        return rebuild(database, vectors, embedder.require_encoder(), company_id)

    return [
        Subscription(
            "ingest",
            {
                "file.uploaded": file_uploaded.uploaded(ingestor, _ticket_service_files(settings).fetch),
                "document.requested": file_uploaded.requested(ingestor, _external_files(settings).fetch, kind_of),
            },
            track_revisions=False,
            prepare_threads=settings.ingest_threads,
            max_batch_events=settings.ingest_threads,
        ),
        Subscription(
            "forget-files",
            {"file.deleted": file_deleted.HANDLER, "document.removal.requested": file_deleted.HANDLER},
            track_revisions=False,
        ),
        Subscription(
            "clear-vectors",
            {
                "document.ingested": ingested,
                "document.failed": ingested,
                "document.deleted": document_changed.deleted(vectors, partial(current_version, database)),
            },
            track_revisions=False,
            prepare_threads=CLEARING_THREADS,
        ),
        Subscription(
            "propose",
            {"ticket.created": propose, "solution.requested": propose},
            track_revisions=False,
            prepare_threads=settings.claude.concurrency if settings.claude.api_key else 1,
            max_batch_delay_seconds=PROPOSAL_BATCH_SECONDS,
            flush_on=("solution.requested",),  # an agent is waiting for it
        ),
        Subscription(
            "rebuild",
            {"vectors.rebuild.requested": rebuild_requested.handler(again)},
            track_revisions=False,
            prepare_threads=1,
            max_batch_events=1,
        ),
        Subscription(
            "forget-tickets",
            {"ticket.deleted": ticket_deleted.HANDLER},
            track_revisions=False,
            max_batch_delay_seconds=PROPOSAL_BATCH_SECONDS,
        ),
        Subscription("know-companies", company_changed.HANDLERS, track_revisions=False),
    ]


def on_worker_start(settings: Settings, database: Database) -> None:
    """Install the local model if it is missing, and consume the queue of external producers."""
    if settings.encoder_folder is not None:
        source = "auto" if settings.embeddings_model == MINILM else settings.embeddings_model
        provision_in_background(settings.encoder_folder, source, install=settings.embeddings_install)
    if settings.bus == "rabbitmq" and settings.task_queue:
        external_queue(settings.rabbitmq_url, settings.task_queue, database, _external_files(settings)).start()


def upkeep(settings: Settings, database: Database) -> Callable[[], None]:
    """Return the periodic job of the worker, which deletes old conversations."""
    return converse.maintenance(database, settings.conversation_days)


def _database(settings: Settings, connections: int) -> Database:
    return Database(
        settings.database_url,
        schema=SCHEMA,
        relay_url=settings.relay_database_url,
        pool_size=connections,
        statement_timeout_ms=settings.statement_timeout_ms,
        application_name=NAME,
    )


def _embedder(settings: Settings) -> Embedder:
    folder = settings.encoder_folder
    return Embedder(local_encoder(folder) if folder else None, wait_seconds=settings.embeddings_wait_seconds)


def _ingestor(settings: Settings, database: Database, embedder: Embedder, vectors: VectorStore) -> Ingestor:
    limits = Limits(seconds=settings.parse_seconds, memory_mb=settings.parse_memory_mb)
    parser = LimitedParser(limits, at_once=settings.ingest_threads)
    chunker = StructuredChunker(settings.encoder_folder, tokens=settings.chunk_tokens, most=settings.max_chunks)
    return Ingestor(database, parser, chunker, embedder.require_encoder, vectors)


def _answerers(
    settings: Settings, database: Database, retriever: Retriever, embedder: Embedder
) -> Callable[[int], Answerer]:
    signer = TokenSigner(NAME, settings.signing_key)
    budget = Budget(ServiceClient("ai-service", settings.ai_service_url, deadline_seconds=1.0), signer, NAME)
    writer = None
    if settings.claude.api_key:
        writer = ClaudeWriter(Claude.by(settings.claude), settings.claude.model)
    known = KnowledgeCache(database)
    options = Options(
        retrieved=settings.retrieve_k,
        used=settings.top_k,
        min_cosine=settings.approved_cosine,
        rerank=settings.rerank,
    )

    def answerer(company_id: int) -> Answerer:
        return Answerer(
            partial(retriever.retrieve, company_id, threshold=settings.min_score),
            embedder.embed if embedder.ready_encoder() else None,
            writer if writer is not None and budget.allows(company_id) else None,
            approved=lambda question: known.approved(company_id, question, embedder.embed([question]), embedder.name()),
            options=options,
        )

    return answerer


def _ticket_service_files(settings: Settings) -> TicketServiceFiles:
    neighbour = ServiceClient(
        "ticket-service", settings.ticket_service_url, deadline_seconds=settings.ticket_service_deadline_seconds
    )
    return TicketServiceFiles(
        neighbour, TokenSigner(NAME, settings.signing_key), NAME, max_bytes=settings.max_file_bytes
    )


def _external_files(settings: Settings) -> ExternalFiles:
    return ExternalFiles(settings.files_base_path, max_bytes=settings.max_file_bytes)


def _try_again(error: VectorsDown) -> Response:
    return problem_response(Unavailable(str(error), retry_after=error.retry_after_seconds))
