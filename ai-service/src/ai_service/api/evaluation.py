"""`/api/evaluation`: accuracy of the answers, on files, on the company's tickets and online."""

import hashlib
from collections.abc import Mapping, Sized
from dataclasses import replace
from typing import Any

from flask import Response, g, request
from marshmallow import ValidationError
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.forms import FORM, FORM_BYTES
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, decode_cursor, page
from service_kit.http.parsing import field_errors, refuse_text
from service_kit.http.policy import allowed
from service_kit.http.problems import Invalid, NotFound, Problem
from service_kit.http.strictness import TWICE, UNKNOWN
from service_kit.identity import ADMIN, MANAGER

from ai_service.api.evaluation_views import (
    FILE_BODY,
    BacktestOptions,
    EvaluationView,
    FileOptions,
    Overview,
    ShadowSwitch,
)
from ai_service.api.labelled_table import BadTable, Form, Table, expect_enough, read_table
from ai_service.dependencies import Dependencies
from ai_service.domain.evaluation import MIN_ROWS, EvaluationData, EvaluationPlan
from ai_service.store import evaluations, shadow_predictions
from ai_service.store.evaluations import Evaluation
from ai_service.store.examples import MAX_TEXT_CHARACTERS
from ai_service.usecases import evaluate, online_evaluation

MAX_FILE_BYTES = 25 * 1024 * 1024
CSV = "text/csv"
FILES = ("file", "test")
MAX_FORM_PARTS = 100

evaluation = Blueprint("evaluation", __name__, description="Accuracy of the answers.")


@evaluation.get("/api/evaluation")
@allowed(ADMIN, MANAGER)
@evaluation.arguments(PageQuery, location="query")
@evaluation.response(200, Overview)
def get_overview(query: dict[str, Any]) -> Response:
    """Show the serving model, the online evaluation of it and of the shadow model, and the evaluations."""
    session, company_id = g.session, g.caller.company_id
    before = decode_cursor(query["cursor"], (int,))
    rows = evaluations.page(session, company_id, before=before[0] if before else None, limit=query["limit"] + 1)
    body, headers = page(rows, query["limit"], lambda row: (row.id,), "items", [vars(row) for row in rows])
    return json_response(
        body
        | {
            "serving": online_evaluation.serving_model(session, company_id),
            "live": vars(online_evaluation.evaluate_live(session, company_id)),
            "shadow": vars(online_evaluation.evaluate_shadow(session, company_id))
            | {"enabled": shadow_predictions.is_enabled(session, company_id)},
        },
        headers=headers,
    )


@evaluation.post("/api/evaluation")
@allowed(ADMIN, MANAGER)
@evaluation.arguments(FileOptions, location="query")
@evaluation.response(202, EvaluationView)
@evaluation.doc(requestBody=FILE_BODY)
def post_evaluation(options: dict[str, Any]) -> Response:
    """Evaluate on the labelled tickets of a CSV file, in the background; the file is deleted afterwards.

    Heads are trained on one part and tested on another: by cross-validation, or on the rows of a second file, `test`.
    In a form the options may be fields. The company's own model doesn't change.
    """
    request.max_content_length = MAX_FILE_BYTES
    if request.mimetype == FORM:
        request.max_content_length += FORM_BYTES  # the limit is for the file, not for the form around it
        request.max_form_memory_size, request.max_form_parts = FORM_BYTES, MAX_FORM_PARTS
        options = _form_options()
    files = _uploaded()
    table, test = _tables(options, files)
    data = EvaluationData(
        [(each.text, each.label) for each in table.rows],
        [(each.text, each.label) for each in test.rows] if test else (),
    )
    notes = (*table.notes, *(test.notes if test else ()))
    chosen = {name: options[name] for name in ("folds", "precision", "per_label", "draws", "fine_tune")}
    plan = EvaluationPlan(**chosen, notes=notes)
    name = options["name"] or f"{' + '.join(table.text_columns)} → {table.label_column}"
    idempotency_key = read_idempotency_key(_accepted, _digest(options, files))
    requested = evaluate.evaluate_file(
        g.session, g.caller.company_id, name, data, plan, g.caller.name, g.cause, idempotency_key=idempotency_key
    )
    return _accepted(requested)


@evaluation.post("/api/evaluation/backtest")
@allowed(ADMIN, MANAGER)
@evaluation.arguments(BacktestOptions, example={"tickets": 500, "precision": 0.9})
@evaluation.response(202, EvaluationView)
def post_backtest(options: dict[str, Any]) -> Response:
    """Evaluate on the company's newest tickets that are closed or were routed by a person, in the background."""
    plan = EvaluationPlan(precision=options["precision"])
    requested = evaluate.backtest(
        g.session,
        g.caller.company_id,
        options["tickets"],
        plan,
        g.caller.name,
        g.cause,
        idempotency_key=read_idempotency_key(_accepted),
    )
    return _accepted(requested)


@evaluation.get("/api/evaluation/<int:number>")
@allowed(ADMIN, MANAGER)
@evaluation.response(200, EvaluationView)
def get_evaluation(number: int) -> Response:
    """Show one evaluation."""
    return json_response(vars(evaluate.find(g.session, g.caller.company_id, number)))


@evaluation.get("/api/evaluation/<int:number>/reliability.png")
@allowed(ADMIN, MANAGER)
@evaluation.response(200, {"type": "string", "format": "binary"}, content_type="image/png")
def get_chart(number: int) -> Response:
    """Show the reliability diagram and the curve of coverage against precision."""
    evaluate.find(g.session, g.caller.company_id, number)
    chart = evaluations.chart_of(g.session, g.caller.company_id, number)
    if chart is None:
        raise NotFound(f"evaluation {number} has no chart yet", code="chart_not_found")
    return Response(chart, content_type="image/png")


@evaluation.put("/api/evaluation/shadow")
@allowed(ADMIN)
@evaluation.arguments(ShadowSwitch, example={"enabled": True})
@evaluation.response(200, ShadowSwitch)
def put_shadow(change: dict[str, Any]) -> Response:
    """Switch shadow mode on or off: nothing acts on the shadow model's predictions.

    The shadow model is the newest model that never served. Where `auto_categorize` is off, it is the local model with
    the keywords. Paid models are never used.
    """
    online_evaluation.set_shadow_enabled(g.session, g.caller.company_id, change["enabled"])
    return json_response(change)


def _form_options() -> dict[str, Any]:
    if None in request.form or None in request.files:  # An undecodable name is None here, not missing.
        raise Invalid(
            "A part of the form has no name.", errors=[{"field": "form", "message": "Give every part a name."}]
        )
    unknown = [name for name in request.files if name not in FILES]
    unknown += [name for name in request.form if name not in FileOptions().fields]
    parts: list[tuple[str, Sized]] = [*request.form.lists(), *request.files.lists()]
    twice = [name for name, values in parts if len(values) > 1 and name != "text"]
    twice += [name for name in request.form if name in request.args]
    if unknown or twice:
        errors = [{"field": name, "message": UNKNOWN} for name in unknown]
        errors += [{"field": name, "message": TWICE} for name in dict.fromkeys(twice) if name not in unknown]
        raise Invalid("Some parts of the form can't be accepted.", errors=errors)
    # Columns may be repeated fields.
    given = {name: ",".join(request.form.getlist(name)) for name in request.form}
    refuse_text(given)
    try:
        loaded: dict[str, Any] = FileOptions().load(request.args.to_dict() | given)
    except ValidationError as error:
        raise Invalid("Some fields are not valid.", errors=field_errors(error.messages)) from error
    return loaded


def _tables(options: dict[str, Any], files: Mapping[str, bytes]) -> tuple[Table, Table | None]:
    deps: Dependencies = g.deps
    max_rows = deps.evaluation_rows
    form = Form(options["text"], options["label"], options["delimiter"], options["encoding"])
    try:
        table = read_table(
            _file("file", files), form, field="file", max_rows=max_rows, max_characters=MAX_TEXT_CHARACTERS
        )
        expect_enough(table, MIN_ROWS)
        if "test" not in files:
            return table, None
        form = replace(form, text=table.text_columns, label=table.label_column)
        test = read_table(
            _file("test", files), form, field="test", max_rows=max_rows, max_characters=MAX_TEXT_CHARACTERS
        )
        expect_enough(table, MIN_ROWS, test)
        return table, test
    except BadTable as error:
        problem = [{"field": error.field, "message": error.message}]
        raise Invalid(f"{error.field}: {error.message}", errors=problem) from error


def _file(name: str, files: Mapping[str, bytes]) -> bytes:
    if name not in files:
        raise BadTable(name, "Missing. Send a CSV file in this field of the form.")
    return files[name]


def _uploaded() -> dict[str, bytes]:
    """Return the uploaded files by the names of their fields."""
    if request.mimetype == FORM:
        files = {}
        for name, upload in request.files.items():
            files[name] = upload.read(MAX_FILE_BYTES + 1)
            if len(files[name]) > MAX_FILE_BYTES:
                raise Problem(f"{name} is larger than {MAX_FILE_BYTES} bytes.", status=413, code="too_large")
        return files
    if request.mimetype == CSV:
        return {"file": request.get_data()}
    raise Problem(f"Send {CSV}, or {FORM} with a field file.", status=415, code="unsupported_media_type")


def _digest(options: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """Return a digest that is the same for equal requests, although a form's boundary differs each time."""
    digest = hashlib.sha256(repr(sorted(options.items())).encode())
    for name, content in sorted(files.items()):
        digest.update(f"\n{name} {hashlib.sha256(content).hexdigest()}".encode())
    return digest.digest()


def _accepted(evaluation: Evaluation) -> Response:
    return json_response(vars(evaluation), 202, headers={"Location": f"/api/evaluation/{evaluation.id}"})
