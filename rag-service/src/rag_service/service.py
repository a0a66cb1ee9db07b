"""Builds rag-service out of its parts; the only place that does."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Flask, Response
from model_kit.claude.client import Claude
from model_kit.local import local_encoder
from model_kit.provision_in_background import provision_in_background
from service_kit.calls import Neighbour
from service_kit.database.engine import Database
from service_kit.http.app import service_app
from service_kit.http.problems import Unavailable, problem_response
from service_kit.identity import TokenSigner
from service_kit.messaging import outbox
from service_kit.messaging.contracts import Contracts
from service_kit.messaging.subscription import Subscription
from service_kit.messaging.wake import waker_for
from service_kit.telemetry.metrics import Metrics

from rag_service.adapters.budget import Budget
from rag_service.adapters.claude.guarded import GuardedWriter
from rag_service.adapters.claude.writer import ClaudeWriter
from rag_service.adapters.encoding import Encoding
from rag_service.adapters.files import KeptFiles, OutsideFiles, PresentFiles, kind_of
from rag_service.adapters.foreign import foreign_events
from rag_service.adapters.known import Known
from rag_service.adapters.parsing.chunking import StructuredChunker
from rag_service.adapters.parsing.limited import LimitedParser
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.vectors.chosen import own_vectors, refuse_a_second_owner, vector_store
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
from rag_service.domain.words import (
    ApprovedAnswerNotFound,
    ConversationNotFound,
    DocumentNotFound,
    NoRebuild,
    OtherCompany,
    QuestionNotFound,
    TooManyApproved,
    TooManyQuestions,
)
from rag_service.parts import EXTENSION, Parts
from rag_service.ports import VectorsDown, VectorStore
from rag_service.settings import MINILM, NAME, PORT, SCHEMA, Settings, read_settings
from rag_service.usecases import converse
from rag_service.usecases.answer import Answerer, Options
from rag_service.usecases.ingest import Ingestion
from rag_service.usecases.rebuild import present_version, rebuild, refill
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
PROPOSALS_LINGER_SECONDS = 0.25
"""Nobody waits for a proposal that soon, and the processors are wanted by those who route the same ticket."""
CLEARING_TOGETHER = 16
"""Documents whose vectors are taken away at once: they share a sweep of their company's files."""

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
    """Load what is heavy, once for all processes of the service. Raises BadSettings where another has the vectors."""
    if settings.one_process:
        refuse_a_second_owner(settings)
    if settings.claude.api_key:
        Claude.by(settings.claude).load()


def create_app(
    settings: Settings,
    metrics: Metrics | None = None,
    worker_status: Callable[[], Mapping[str, Any]] | None = None,
) -> Flask:
    """Make the HTTP side; connects to nothing yet. `app.extensions["waker"]` holds a socket once it was used.

    Raises VectorsDown where another process came first and owns the embedded vectors.
    """
    if settings.one_process:
        own_vectors(settings)
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
    encoding = _encoding(settings)
    present = PresentFiles.at(settings.ticket_service_url, TokenSigner(NAME, settings.signing_key), NAME).among
    retriever = Retriever(database, vectors, encoding.embed, present)
    app.extensions["waker"] = waker
    app.extensions[EXTENSION] = Parts(
        database=database,
        vectors=vectors,
        encoding=encoding,
        retriever=retriever,
        present=present,
        answerer=_answerers(settings, database, retriever, encoding),
        outside_files=_outside_files(settings),
        top_k=settings.top_k,
        operator=settings.operator_company_id,
        claude=bool(settings.claude.api_key),
    )
    return app


def subscriptions(settings: Settings, metrics: Metrics | None = None) -> list[Subscription]:
    """Say which events this service takes, and what it does with them."""
    database, encoding, vectors = _database(settings, WORKER_CONNECTIONS), _encoding(settings), vector_store(settings)
    retriever = Retriever(database, vectors, encoding.embed)
    answerer = _answerers(settings, database, retriever, encoding)
    reader = _ingestion(settings, database, encoding, vectors)
    propose = ticket_created.handler(
        lambda company, text: answerer(company).solution(text), Known(database).has_knowledge
    )
    ingested = document_changed.ingested(vectors, partial(refill, database, vectors))

    def again(company: int) -> int:
        return rebuild(database, vectors, encoding.waited_for(), company)

    return [
        Subscription(
            "ingest",
            {
                "file.uploaded": file_uploaded.uploaded(reader, _kept_files(settings).fetch),
                "document.requested": file_uploaded.requested(reader, _outside_files(settings).fetch, kind_of),
            },
            guarded=False,
            prepare_threads=settings.ingest_threads,
            most_at_once=settings.ingest_threads,
        ),
        Subscription(
            "forget-files",
            {"file.deleted": file_deleted.HANDLER, "document.removal.requested": file_deleted.HANDLER},
            guarded=False,
        ),
        Subscription(
            "clear-vectors",
            {
                "document.ingested": ingested,
                "document.failed": ingested,
                "document.deleted": document_changed.deleted(vectors, partial(present_version, database)),
            },
            guarded=False,
            prepare_threads=CLEARING_TOGETHER,
        ),
        Subscription(
            "propose",
            {"ticket.created": propose, "solution.requested": propose},
            guarded=False,
            prepare_threads=settings.claude.concurrency if settings.claude.api_key else 1,
            linger_seconds=PROPOSALS_LINGER_SECONDS,
            hurried=("solution.requested",),  # an agent sits before it
        ),
        Subscription(
            "rebuild",
            {"vectors.rebuild.requested": rebuild_requested.handler(again)},
            guarded=False,
            prepare_threads=1,
            most_at_once=1,
        ),
        Subscription(
            "forget-tickets",
            {"ticket.deleted": ticket_deleted.HANDLER},
            guarded=False,
            linger_seconds=PROPOSALS_LINGER_SECONDS,
        ),
        Subscription("know-companies", company_changed.HANDLERS, guarded=False),
    ]


def on_worker_start(settings: Settings, database: Database) -> None:
    """Have the local model made ready where it isn't, and take what outside producers send."""
    if settings.encoder_folder is not None:
        source = "auto" if settings.embeddings_model == MINILM else settings.embeddings_model
        provision_in_background(settings.encoder_folder, source, install=settings.embeddings_install)
    if settings.bus == "rabbitmq" and settings.task_queue:
        foreign_events(settings.rabbitmq_url, settings.task_queue, database, _outside_files(settings)).start()


def upkeep(settings: Settings, database: Database) -> Callable[[], None]:
    """Return what the worker does every few seconds: now and then it forgets old conversations."""
    return converse.upkeep(database, settings.conversation_days)


def _database(settings: Settings, connections: int) -> Database:
    return Database(
        settings.database_url,
        schema=SCHEMA,
        relay_url=settings.relay_database_url,
        pool_size=connections,
        statement_timeout_ms=settings.statement_timeout_ms,
        application_name=NAME,
    )


def _encoding(settings: Settings) -> Encoding:
    folder = settings.encoder_folder
    return Encoding(local_encoder(folder) if folder else None, wait_seconds=settings.embeddings_wait_seconds)


def _ingestion(
    settings: Settings, database: Database, encoding: Encoding, vectors: VectorStore
) -> Callable[[], Ingestion]:
    limits = Limits(seconds=settings.parse_seconds, memory_mb=settings.parse_memory_mb)
    parser = LimitedParser(limits, at_once=settings.ingest_threads)
    chunker = StructuredChunker(settings.encoder_folder, tokens=settings.chunk_tokens, most=settings.max_chunks)
    made = Ingestion(database, parser, chunker, encoding.waited_for, vectors)
    return lambda: made


def _answerers(
    settings: Settings, database: Database, retriever: Retriever, encoding: Encoding
) -> Callable[[int], Answerer]:
    signer = TokenSigner(NAME, settings.signing_key)
    budget = Budget(Neighbour("ai-service", settings.ai_service_url, deadline_seconds=1.0), signer, NAME)
    writer = None
    if settings.claude.api_key:
        writer = GuardedWriter(ClaudeWriter(Claude.by(settings.claude), settings.claude.model))
    known = Known(database)
    options = Options(
        retrieved=settings.retrieve_k,
        used=settings.top_k,
        least_cosine=settings.approved_cosine,
        rerank=settings.rerank,
    )

    def answerer(company: int) -> Answerer:
        return Answerer(
            partial(retriever.retrieve, company, threshold=settings.min_score),
            encoding.embed if encoding.at_hand() else None,
            writer if writer is not None and budget.allows(company) else None,
            approved=lambda question: known.approved(company, question, encoding.embed([question]), encoding.name()),
            options=options,
        )

    return answerer


def _kept_files(settings: Settings) -> KeptFiles:
    neighbour = Neighbour(
        "ticket-service", settings.ticket_service_url, deadline_seconds=settings.ticket_service_deadline_seconds
    )
    return KeptFiles(neighbour, TokenSigner(NAME, settings.signing_key), NAME, max_bytes=settings.max_file_bytes)


def _outside_files(settings: Settings) -> OutsideFiles:
    return OutsideFiles(settings.files_base_path, max_bytes=settings.max_file_bytes)


def _try_again(error: VectorsDown) -> Response:
    return problem_response(Unavailable(str(error), retry_after=error.retry_after_seconds))
