"""rag-service: its dependencies, routes, errors, consumers and queues."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from company_kit.http.audit import audit
from company_kit.maintenance import company_maintenance
from eventbus.consumer import QueueOptions
from model_kit.claude.client import Claude
from model_kit.local import local_encoder
from model_kit.provision_in_background import provision_in_background
from operations_kit.service import Service
from service_kit.database.engine import Database
from service_kit.http_client import ServiceClient
from service_kit.identity import TokenSigner
from service_kit.telemetry.metrics import Metrics

from rag_service.adapters.answerers import Answerers
from rag_service.adapters.cache import KnowledgeCache
from rag_service.adapters.embedder import Embedder
from rag_service.adapters.external_queue import external_queue
from rag_service.adapters.files import ExternalFiles, FileExistence, TicketServiceFiles
from rag_service.adapters.fusions import Fusions
from rag_service.adapters.parsing.chunking import StructuredChunker
from rag_service.adapters.parsing.limited import LimitedParser
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.slices import Slices
from rag_service.adapters.vectors.factory import acquire_vectors, refuse_second_owner, vector_store
from rag_service.api.answers import answers
from rag_service.api.approved import approved
from rag_service.api.documents import documents
from rag_service.api.evaluation import evaluation
from rag_service.api.events import events
from rag_service.api.knowledge import knowledge
from rag_service.api.rebuild import rebuild
from rag_service.api.tuning import tuning
from rag_service.consumers import (
    company_changed,
    company_deleted,
    document_deleted,
    document_ingested,
    document_postponed,
    document_requested,
    file_deleted,
    file_uploaded,
    rebuild_requested,
    ticket_created,
    ticket_deleted,
    tuning_requested,
    user_deleted,
)
from rag_service.dependencies import Dependencies
from rag_service.domain.errors import (
    ApprovedAnswerNotFound,
    ConversationNotFound,
    DocumentNotFound,
    NoRebuild,
    OtherCompany,
    QuestionNotFound,
    TooFewQuestions,
    TooManyApproved,
    TooManyQuestions,
)
from rag_service.domain.ingestion_lane import MAX_SMALL_PARSE_SECONDS
from rag_service.ports import VectorsDown, VectorStore
from rag_service.settings import MINILM, NAME, PORT, SCHEMA, Settings, read_settings
from rag_service.usecases import converse
from rag_service.usecases.add_vectors import vector_addition
from rag_service.usecases.embed_document import RunSlices
from rag_service.usecases.ingest import Ingestor
from rag_service.usecases.renew import renewal
from rag_service.usecases.reread import rereading
from rag_service.usecases.retrieve import Retriever

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
    NoRebuild: (404, "rebuild_not_found"),
    TooFewQuestions: (409, "too_few_questions"),
    TooManyApproved: (409, "too_many_answers"),
    TooManyQuestions: (409, "too_many_questions"),
    VectorsDown: (503, "unavailable"),
}


def load(settings: Settings) -> None:
    """Load heavy libraries, once for all processes of the service. Raises BadSettings if another process owns the
    vectors."""
    if settings.one_process:
        refuse_second_owner(settings)
    if settings.claude.api_key:
        Claude.from_settings(settings.claude).load()


def build(settings: Settings, database: Database, _metrics: Metrics) -> Dependencies:
    """Return what handlers need, once per process; connects to nothing.

    Raises VectorsDown if another process owns the embedded vectors.
    """
    if settings.one_process:
        acquire_vectors(settings)
    vectors, embedder, cache = vector_store(settings), _embedder(settings), KnowledgeCache(database)
    run_slices = Slices[Any](settings.ingest_threads).run
    signer, fusions = TokenSigner(NAME, settings.signing_key), Fusions(database)
    present = FileExistence.at(settings.ticket_service_url, signer, NAME).existing
    return Dependencies(
        database=database,
        vectors=vectors,
        embedder=embedder,
        knowledge=cache,
        answerers=Answerers.from_settings(settings, embedder, cache),
        retriever=Retriever(database, vectors, embedder.embed, present, fusions.of),
        event_retriever=Retriever(database, vectors, embedder.embed, fusion_of=fusions.of),
        fusions=fusions,
        present=present,
        ingestor=_ingestor(settings, database, embedder, vectors, run_slices),
        run_slices=run_slices,
        max_row_vectors=settings.max_row_vectors,
        fetch_upload=_ticket_service_files(settings, signer).fetch,
        external_files=ExternalFiles(settings.files_base_path, max_bytes=settings.max_file_bytes),
        top_k=settings.top_k,
        min_tuning_questions=settings.tune_min_questions,
        operator=settings.operator_company_id,
        claude=bool(settings.claude.api_key),
    )


def queues(settings: Settings) -> Mapping[str, QueueOptions]:
    """Return the options of queues."""
    return {
        "ingest": QueueOptions(prepare_threads=settings.ingest_threads, max_batch_events=settings.ingest_threads),
        "ingest-large": QueueOptions(
            prepare_threads=settings.large_ingest_threads, max_batch_events=settings.large_ingest_threads
        ),
        "clear-vectors": QueueOptions(prepare_threads=CLEARING_THREADS),
        "propose": QueueOptions(
            prepare_threads=settings.claude.concurrency if settings.claude.api_key else 1,
            max_batch_delay_seconds=PROPOSAL_BATCH_SECONDS,
            flush_on=("solution.requested",),  # an agent is waiting for it
        ),
        "rebuild": QueueOptions(prepare_threads=1, max_batch_events=1),
        "tune": QueueOptions(prepare_threads=1, max_batch_events=1),
        "forget-tickets": QueueOptions(max_batch_delay_seconds=PROPOSAL_BATCH_SECONDS),
    }


def on_start(settings: Settings, deps: Dependencies) -> None:
    """Install the local model if it is missing, and consume the queue of external producers."""
    if settings.encoder_folder is not None:
        source = "auto" if settings.embeddings_model == MINILM else settings.embeddings_model
        provision_in_background(settings.encoder_folder, source, install=settings.embeddings_install)
    if settings.bus == "rabbitmq" and settings.task_queue:
        external_queue(settings.rabbitmq_url, settings.task_queue, deps.database, deps.external_files).start()


def maintenance(settings: Settings, deps: Dependencies) -> Callable[[], None]:
    """Return the periodic job: it deletes old conversations, renews what an upgrade outdated, adds missing vectors,
    maintains companies."""
    delete_unused = converse.maintenance(deps.database, settings.conversation_days)
    renew = renewal(deps.database, deps.vectors)
    read_again = rereading(deps.database)
    add_vectors = vector_addition(
        deps.database,
        deps.vectors,
        deps.embedder.ready_encoder,
        run_slices=deps.run_slices,
        most_rows=deps.max_row_vectors,
    )
    maintain_companies = company_maintenance(settings, deps.database, remove_outside=deps.vectors.delete_company)

    def job() -> None:
        delete_unused()
        read_again()
        renew()
        add_vectors()
        maintain_companies()

    return job


def _embedder(settings: Settings) -> Embedder:
    folder = settings.encoder_folder
    return Embedder(local_encoder(folder) if folder else None, wait_seconds=settings.embeddings_wait_seconds)


def _ingestor(
    settings: Settings, database: Database, embedder: Embedder, vectors: VectorStore, run_slices: RunSlices
) -> Ingestor:
    limits = Limits(seconds=settings.parse_seconds, memory_mb=settings.parse_memory_mb)
    small_limits = replace(limits, seconds=min(MAX_SMALL_PARSE_SECONDS, limits.seconds))
    chunker = StructuredChunker(
        settings.encoder_folder,
        tokens=settings.chunk_tokens,
        most=settings.max_chunks,
        most_rows=settings.max_row_chunks,
    )
    return Ingestor(
        database,
        LimitedParser(limits, at_once=settings.large_ingest_threads),
        LimitedParser(small_limits, at_once=settings.ingest_threads),
        chunker,
        embedder.require_encoder,
        embedder.ready_encoder,
        vectors,
        run_slices=run_slices,
        most_rows=settings.max_row_vectors,
    )


def _ticket_service_files(settings: Settings, signer: TokenSigner) -> TicketServiceFiles:
    deadline = settings.ticket_service_deadline_seconds
    client = ServiceClient("ticket-service", settings.ticket_service_url, deadline_seconds=deadline)
    return TicketServiceFiles(client, signer, NAME, max_bytes=settings.max_file_bytes)


SERVICE = Service(
    name=NAME,
    schema=SCHEMA,
    port=PORT,
    read_settings=read_settings,
    load=load,
    build=build,
    blueprints=[knowledge, answers, documents, approved, evaluation, tuning, rebuild, events, audit],
    consumers=[
        file_uploaded.CONSUMER,
        document_requested.CONSUMER,
        document_postponed.CONSUMER,
        file_deleted.CONSUMER,
        document_ingested.CONSUMER,
        document_deleted.CONSUMER,
        ticket_created.CONSUMER,
        rebuild_requested.CONSUMER,
        tuning_requested.CONSUMER,
        ticket_deleted.CONSUMER,
        company_changed.CONSUMER,
        user_deleted.CONSUMER,
        company_deleted.CONSUMER,
    ],
    errors=ERRORS,
    queues=queues,
    checks=lambda deps: {"vectors": deps.vectors.check},
    on_start=on_start,
    maintenance=maintenance,
)
