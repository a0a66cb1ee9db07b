"""`/rag/health` and `/rag/retrieve`: the state of the knowledge, and the passages for a query."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed
from service_kit.http.reservation import reads
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER, SERVICE

from rag_service.api.fields import MAX_PASSAGES, callers_company, company_id_field, question
from rag_service.api.views import PassageView, passage_view
from rag_service.dependencies import Dependencies
from rag_service.ports import VectorsDown
from rag_service.usecases.retrieve import Filters

MAX_FILTER_VALUES = 100

knowledge = Blueprint("knowledge", __name__, description="The passages that belong to a question.")


class FilterSchema(Schema):
    """Filters of documents; all given filters must match."""

    source_id = fields.List(fields.UUID(), validate=validate.Length(1, MAX_FILTER_VALUES))
    name = fields.List(fields.String(validate=validate.Length(1, 255)), validate=validate.Length(1, MAX_FILTER_VALUES))
    kind = fields.List(fields.String(validate=validate.Length(1, 20)), validate=validate.Length(1, 10))


class Retrieval(Schema):
    """A query with its filters."""

    query = question(required=True)
    company_id = company_id_field()
    top_k = fields.Integer(strict=True, load_default=None, validate=validate.Range(1, MAX_PASSAGES))
    filters = fields.Nested(FilterSchema, load_default=None, allow_none=True)
    score_threshold = fields.Float(load_default=0.0, validate=validate.Range(0, 1))


class Passages(Schema):
    """The passages found, best first."""

    items = fields.List(fields.Nested(PassageView), required=True)


class KnowledgeHealth(Schema):
    """The state of the knowledge."""

    status = fields.String(required=True, metadata={"description": "ok, or degraded: it answers, but not as well"})
    vectors = fields.String(required=True, metadata={"description": "ok or down"})
    encoder = fields.String(
        required=True, metadata={"description": "the model's name; null: words alone decide"}, allow_none=True
    )
    claude = fields.Boolean(required=True)


@knowledge.get("/rag/health")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN, SERVICE)
@knowledge.response(200, KnowledgeHealth)
def health() -> Response:
    """Return whether retrieval works, and which models are ready."""
    deps: Dependencies = g.deps
    try:
        deps.vectors.count(g.caller.company_id)
        vectors = "ok"
    except VectorsDown:
        vectors = "down"
    encoder = deps.embedder.ready_encoder()
    status = "ok" if vectors == "ok" else "degraded"
    return json_response(
        {"status": status, "vectors": vectors, "encoder": encoder.name if encoder else None, "claude": deps.claude}
    )


@knowledge.post("/rag/retrieve")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN, SERVICE)
@knowledge.arguments(Retrieval, example={"query": "reset a password", "top_k": 5})
@knowledge.response(200, Passages)
@reads
def retrieve(wanted: dict[str, Any]) -> Response:
    """Return the passages that fit a query, best first, with their scores."""
    company_id = callers_company(wanted["company_id"])
    filters = wanted["filters"] or {}
    deps: Dependencies = g.deps
    found = deps.retriever.retrieve(
        company_id,
        wanted["query"],
        wanted["top_k"] or deps.top_k,
        filters=Filters(
            sources=filters.get("source_id"), names=tuple(filters.get("name", ())), kinds=tuple(filters.get("kind", ()))
        ),
        threshold=wanted["score_threshold"],
    )
    return json_response({"items": [passage_view(passage) for passage in found]})
