"""`/rag/answers`: approved answers, which come first for nearly equal questions."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, ValidationError, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.text import not_blank
from service_kit.identity import ADMIN, AGENT, MANAGER

from rag_service.api.fields import callers_company, company_id_field, question
from rag_service.dependencies import Dependencies
from rag_service.store import approved as store
from rag_service.store.approved import ApprovedAnswer
from rag_service.usecases import approve

MAX_APPROVED_QUESTION_CHARACTERS = 2_000
MAX_STEPS, MAX_STEP_CHARACTERS, MAX_ANSWER_CHARACTERS = 50, 4_000, 10_000

approved = Blueprint("approved", __name__, description="Answers that people approved.")


def _short_enough(steps: list[str]) -> None:
    """Refuse answers that are too long to cache."""
    if sum(map(len, steps)) > MAX_ANSWER_CHARACTERS:
        raise ValidationError(f"All steps together may have {MAX_ANSWER_CHARACTERS} characters.")


class NewAnswer(Schema):
    """An answer to approve."""

    question = question(MAX_APPROVED_QUESTION_CHARACTERS)
    steps = fields.List(
        fields.String(validate=[validate.Length(1, MAX_STEP_CHARACTERS), not_blank]),
        required=True,
        validate=[validate.Length(1, MAX_STEPS), _short_enough],
    )
    company_id = company_id_field()


class ApprovedView(Schema):
    """An approved answer."""

    id = fields.Integer(required=True)
    question = fields.String(required=True)
    steps = fields.List(fields.String(), required=True)
    approved_by = fields.String(required=True)
    created_at = fields.DateTime(required=True)


class ApprovedPage(Schema):
    """A page of approved answers."""

    count = fields.Integer(required=True)
    items = fields.List(fields.Nested(ApprovedView), required=True)
    next = fields.String(required=True, allow_none=True)


@approved.post("/rag/answers")
@allowed(AGENT, MANAGER, ADMIN)
@approved.arguments(
    NewAnswer,
    example={"question": "How do I reset my password?", "steps": ["Open the login page.", "Choose Forgot password."]},
)
@approved.response(201, ApprovedView)
def post_answer(new: dict[str, Any]) -> Response:
    """Approve an answer; nearly equal questions get it first."""
    company_id = callers_company(new["company_id"])
    deps: Dependencies = g.deps
    idempotency_key = read_idempotency_key(_created)
    return _created(
        approve.approve(
            g.session,
            company_id,
            new["question"],
            new["steps"],
            g.caller.subject,
            deps.embedder.ready_encoder(),
            idempotency_key,
        )
    )


@approved.get("/rag/answers")
@allowed(AGENT, MANAGER, ADMIN)
@approved.arguments(PageQuery, location="query")
@approved.response(200, ApprovedPage)
def list_answers(query: dict[str, Any]) -> Response:
    """List the approved answers, newest first."""
    after = decode_cursor(query["cursor"], (int,))
    rows = store.page(g.session, g.caller.company_id, before=after[0] if after else None, limit=query["limit"] + 1)
    body, headers = page(rows, query["limit"], lambda row: (row.id,), "items", [_view(row) for row in rows])
    return json_response(body, headers=headers)


@approved.delete("/rag/answers/<int:number>")
@allowed(AGENT, MANAGER, ADMIN)
@approved.response(204)
def delete_answer(number: int) -> Response:
    """Withdraw an approved answer."""
    approve.withdraw(g.session, g.caller.company_id, number)
    return Response(status=204)


def _created(created: ApprovedAnswer) -> Response:
    return json_response(_view(created), 201)


def _view(created: ApprovedAnswer) -> dict[str, Any]:
    return {name: value for name, value in vars(created).items() if name not in ("vector", "encoder")}
