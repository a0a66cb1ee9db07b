"""`/rag/solution` and `/rag/chat`: answers that cite their sources, or say that there is no answer."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from eventbus.retry.policy import is_transient
from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.database.engine import Database
from service_kit.http.blueprint import Blueprint, dumps, json_response
from service_kit.http.policy import allowed
from service_kit.http.reservation import Reservation, reads, reserve
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER, SERVICE
from service_kit.telemetry.cause import Cause
from service_kit.telemetry.logs import get_logger

from rag_service.api.fields import MAX_TICKET_CHARACTERS, callers_company, company_id_field, question
from rag_service.api.views import SourceView, StepView, source_view
from rag_service.dependencies import Dependencies
from rag_service.domain.answering.message.conversation import Turn
from rag_service.ports import VectorsDown
from rag_service.store import conversations as store
from rag_service.store.erasure import GONE
from rag_service.usecases import converse
from rag_service.usecases.results import ChatAnswer

MAX_CONTEXT_CHARACTERS = 20_000
EVENTS = "text/event-stream; charset=utf-8"  # some clients take Latin-1 for text without a charset

CLASSES = {
    "no_knowledge": "HARD_REFUSAL",
    "not_supported": "SOFT_REFUSAL",
    "out_of_scope": "HARD_REFUSAL",
    "unsafe": "HARD_REFUSAL",
    "injection": "HARD_REFUSAL",
    "needs_person": "NEEDS_HUMAN",
}
"""The class of each refusal reason."""

answers = Blueprint("answers", __name__, description="Answers that cite their sources.")

log = get_logger(__name__)


class Context(Schema):
    """Further facts about a ticket."""

    title = fields.String(validate=validate.Length(max=500))
    category = fields.String(validate=validate.Length(max=200))
    priority = fields.String(validate=validate.Length(max=40))
    department = fields.String(validate=validate.Length(max=200))


class SolutionRequest(Schema):
    """A ticket to solve."""

    ticket_description = question(MAX_TICKET_CHARACTERS)
    context = fields.Nested(Context, load_default=None, allow_none=True)
    company_id = company_id_field()


class SolutionView(Schema):
    """Steps that may solve it."""

    mode = fields.String(required=True, metadata={"description": "claude, extractive or approved"})
    steps = fields.List(fields.Nested(StepView), required=True)
    confidence = fields.Float(required=True)
    sources = fields.List(fields.Nested(SourceView), required=True)
    needs_human = fields.Boolean(required=True)


class TicketContext(Context):
    """The ticket that a conversation is about."""

    description = fields.String(validate=validate.Length(max=MAX_TICKET_CHARACTERS))


class Message(Schema):
    """A message of a conversation."""

    message = question(MAX_TICKET_CHARACTERS)
    conversation_id = fields.UUID(load_default=None, allow_none=True)
    ticket = fields.Nested(TicketContext, load_default=None, allow_none=True)
    company_id = company_id_field()


@answers.post("/rag/solution")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN, SERVICE)
@answers.arguments(SolutionRequest, example={"ticket_description": "I forgot my password."})
@answers.response(200, SolutionView)
@reads
def post_solution(wanted: dict[str, Any]) -> Response:
    """Return steps that may solve a ticket, each with its sources; none if the knowledge supports none."""
    company_id = callers_company(wanted["company_id"])
    deps: Dependencies = g.deps
    answerer = deps.answerers.answerer(company_id, deps.retriever)
    found = answerer.solution(wanted["ticket_description"], _context(wanted["context"]))
    converse.publish_usage(g.session, company_id, found.usages, g.cause)
    return json_response(
        {
            "mode": found.mode,
            "steps": [
                {"order": step.order, "text": step.text, "chunk_ids": list(step.chunk_ids)} for step in found.steps
            ],
            "confidence": found.confidence,
            "sources": [source_view(each) for each in found.sources],
            "needs_human": found.needs_human,
        }
    )


@answers.post("/rag/chat")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN, SERVICE)
@answers.arguments(Message, example={"message": "How do I reset my password?"})
@answers.response(200, content_type="text/event-stream", description="`stage` …, then `final`, as server-sent events.")
def post_chat(body: dict[str, Any]) -> Response:
    """Answer in a conversation: `stage` events, then `final`.

    A repeated request under the same Idempotency-Key gets the stored `final` event alone.
    """
    company_id = callers_company(body["company_id"])
    deps: Dependencies = g.deps
    again = reserve()
    try:
        conversation, turns = converse.open_conversation(
            g.session, company_id, g.caller.subject, body["conversation_id"]
        )
        # Errors up to here are problem responses; once the stream began, an error is an event.
        answerer = deps.answerers.answerer(company_id, deps.retriever)
        results = answerer.chat(body["message"], _turns(body["ticket"], turns))
        first = next(results)
    except BaseException:
        again.release()
        raise
    chat = Chat(deps.database, company_id, conversation, body["message"], g.cause, again)
    return Response(
        _stream(first, results, chat),
        content_type=EVENTS,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@dataclass(frozen=True)
class Chat:
    """One message of a conversation, and the data to store with its answer."""

    database: Database
    company_id: int
    conversation: UUID
    message: str
    cause: Cause
    again: Reservation

    def keep(self, final: ChatAnswer) -> None:
        """Store the turn with the answer of the request."""

        def keep(session: Any, kept: bool) -> None:
            response = Response(self.event(final), content_type=EVENTS) if kept else Response(GONE, status=410)
            self.again.store(session, response)

        with self.database.session(self.company_id) as session:
            converse.append_turn(session, self.company_id, self.conversation, self.message, final, self.cause, keep)

    def event(self, final: ChatAnswer) -> bytes:
        """Return the last event of the stream."""
        return _event("final", _final(final, self.conversation))


def _stream(first: Any, results: Iterator[Any], chat: Chat) -> Iterator[bytes]:
    began, each = time.monotonic(), first
    try:
        while True:
            if isinstance(each, ChatAnswer):
                chat.keep(each)
                yield chat.event(each)
                return
            milliseconds = round((time.monotonic() - began) * 1000)
            yield _event("stage", {"event_id": str(uuid4()), "stage": each.name, "ts_ms": milliseconds})
            each = next(results)
    except GeneratorExit:
        _finish(results, chat)
        raise
    except Exception as error:
        chat.again.release()
        if isinstance(error, VectorsDown) or is_transient(error):
            log.warning("a conversation waits", error=type(error).__name__)
            yield _event("error", {"code": "unavailable", "detail": "The knowledge can't be asked now; ask again."})
            return
        log.exception("a conversation broke off", error=type(error).__name__)
        yield _event("error", {"code": "internal", "detail": "The answer could not be finished; ask again."})


def _finish(results: Iterator[Any], chat: Chat) -> None:
    """Finish the answer after a disconnect: a paid call must reach the ledger and the budget."""
    try:
        for each in results:
            if isinstance(each, ChatAnswer):
                chat.keep(each)
    except Exception as error:
        log.warning("a conversation broke off", error=type(error).__name__)
        chat.again.release()


def _final(final: ChatAnswer, conversation: UUID) -> dict[str, Any]:
    return {
        "mode": "chat",
        "decided_by": final.mode,
        "conversation_id": str(conversation),
        "answer": final.answer,
        "sentences": [
            {"text": each.text, "chunk_ids": [str(chunk) for chunk in each.chunk_ids], "certain": each.certain}
            for each in final.sentences
        ],
        "confidence": final.confidence,
        "sources": [source_view(each) for each in final.sources],
        "refusal": final.refusal is not None,
        "refusal_code": final.refusal.reason if final.refusal else None,
        "classification": CLASSES[final.refusal.reason] if final.refusal else "ANSWER",
        "needs_human": final.needs_human,
    }


def _context(known: dict[str, str] | None) -> str:
    return "\n".join(f"{name}: {value}" for name, value in (known or {}).items() if value)


def _turns(ticket: dict[str, str] | None, earlier: list[store.Turn]) -> list[Turn]:
    """Return the earlier turns: the ticket that the conversation is about, then the conversation."""
    turns = [Turn("user", _context(ticket)[:MAX_CONTEXT_CHARACTERS])] if ticket else []
    for each in earlier:
        turns += [Turn("user", each.question), Turn("assistant", each.answer, frozenset(each.documents))]
    return turns


def _event(name: str, data: dict[str, Any]) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + dumps(data) + b"\n\n"
