"""`/rag/questions` and `/rag/evaluate`: retrieval quality on the company's own questions."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.text import not_blank
from service_kit.identity import ADMIN, AGENT, MANAGER

from rag_service.api.fields import MAX_PASSAGES, question
from rag_service.dependencies import Dependencies
from rag_service.domain.errors import QuestionNotFound
from rag_service.store import questions as store
from rag_service.usecases import evaluate as usecase

MAX_QUESTIONS_PER_REQUEST = 500
MAX_EXPECTED = 200

evaluation = Blueprint("evaluation", __name__, description="Saved questions, and how well their passages are found.")


class NewQuestion(Schema):
    """A question with the documents expected for it."""

    question = question(2_000)
    expected = fields.List(
        fields.String(validate=[validate.Length(1, 255), not_blank]),
        required=True,
        validate=validate.Length(1, MAX_EXPECTED),
        metadata={"description": "ids of chunks or documents, or names of files"},
    )


class NewQuestions(Schema):
    """Questions to save."""

    items = fields.List(
        fields.Nested(NewQuestion), required=True, validate=validate.Length(1, MAX_QUESTIONS_PER_REQUEST)
    )


class SavedView(Schema):
    """The ids of the saved questions, and what is expected of them but does not exist."""

    ids = fields.List(fields.Integer(), required=True)
    not_found = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "expected files and ids that don't exist; they count as not found until a file of that name "
            "is uploaded"
        },
    )


class QuestionView(NewQuestion):
    """A saved question."""

    id = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)


class QuestionPage(Schema):
    """A page of questions."""

    count = fields.Integer(required=True)
    items = fields.List(fields.Nested(QuestionView), required=True)
    next = fields.String(required=True, allow_none=True)


class EvaluationQuery(PageQuery):
    """Parameters of an evaluation."""

    k = fields.Integer(
        load_default=10,
        validate=validate.Range(1, MAX_PASSAGES),
        metadata={"description": "How many passages of each question count."},
    )


class QuestionMetrics(Schema):
    """One question's metrics."""

    id = fields.Integer(required=True)
    question = fields.String(required=True)
    recall = fields.Float(required=True)
    ndcg = fields.Float(required=True)
    reciprocal_rank = fields.Float(required=True)


class EvaluationPage(Schema):
    """A page of questions' metrics; the caller computes means over all pages."""

    count = fields.Integer(required=True)
    k = fields.Integer(required=True)
    items = fields.List(fields.Nested(QuestionMetrics), required=True)
    next = fields.String(required=True, allow_none=True)


@evaluation.post("/rag/questions")
@allowed(AGENT, MANAGER, ADMIN)
@evaluation.arguments(
    NewQuestions, example={"items": [{"question": "How do I reset my password?", "expected": ["password.pdf"]}]}
)
@evaluation.response(201, SavedView)
def post_questions(new: dict[str, Any]) -> Response:
    """Save questions with the documents expected for each; say which of those don't exist."""
    items = [(item["question"], item["expected"]) for item in new["items"]]
    return _saved(
        usecase.save_questions(g.session, g.caller.company_id, items, idempotency_key=read_idempotency_key(_saved))
    )


@evaluation.get("/rag/questions")
@allowed(AGENT, MANAGER, ADMIN)
@evaluation.arguments(PageQuery, location="query")
@evaluation.response(200, QuestionPage)
def list_questions(query: dict[str, Any]) -> Response:
    """List the saved questions in the order in which they were saved."""
    rows = _page(query)
    body, headers = page(rows, query["limit"], lambda row: (row.id,), "items", [vars(row) for row in rows])
    return json_response(body, headers=headers)


@evaluation.delete("/rag/questions")
@allowed(MANAGER, ADMIN)
@evaluation.response(204)
def delete_questions() -> Response:
    """Delete all saved questions."""
    usecase.delete_questions(g.session, g.caller.company_id, None)
    return Response(status=204)


@evaluation.delete("/rag/questions/<int:number>")
@allowed(AGENT, MANAGER, ADMIN)
@evaluation.response(204)
def delete_question(number: int) -> Response:
    """Delete a saved question."""
    if not usecase.delete_questions(g.session, g.caller.company_id, number):
        raise QuestionNotFound(f"there is no question {number}; GET /rag/questions lists them")
    return Response(status=204)


@evaluation.get("/rag/evaluate")
@allowed(AGENT, MANAGER, ADMIN)
@evaluation.arguments(EvaluationQuery, location="query")
@evaluation.response(200, EvaluationPage)
def evaluate(query: dict[str, Any]) -> Response:
    """Evaluate a page of the saved questions: recall, nDCG and reciprocal rank of each."""
    rows = _page(query)
    g.session.close()  # nothing is held while questions are asked
    deps: Dependencies = g.deps
    figures = usecase.evaluate(deps.retriever, g.caller.company_id, rows[: query["limit"]], query["k"])
    body, headers = page(rows, query["limit"], lambda row: (row.id,), "items", figures)
    return json_response(body | {"k": query["k"]}, headers=headers)


def _saved(saved: usecase.Saved) -> Response:
    return json_response(vars(saved), 201)


def _page(query: dict[str, Any]) -> list[store.SavedQuestion]:
    after = decode_cursor(query["cursor"], (int,))
    return store.page(g.session, g.caller.company_id, after=after[0] if after else 0, limit=query["limit"] + 1)
