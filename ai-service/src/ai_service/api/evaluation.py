"""`/api/evaluation`: how right the answers are, shown before anybody trusts them."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Response, current_app, g, request
from marshmallow import ValidationError
from service_kit.http.blueprint import Blueprint, answer
from service_kit.http.forms import FORM, FORM_BYTES
from service_kit.http.idempotency import once
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
from ai_service.domain.evaluating import FEWEST_ROWS, Material, Plan
from ai_service.store import evaluations, shadow
from ai_service.store.examples import LONGEST_TEXT
from ai_service.usecases import evaluate, judge_live

MOST_BYTES = 25 * 1024 * 1024
EVALUATION_ROWS = "evaluation_rows"
CSV = "text/csv"
FILES = ("file", "test")

evaluation = Blueprint("evaluation", __name__, description="How right the answers are, measured.")


@evaluation.get("/api/evaluation")
@allowed(ADMIN, MANAGER)
@evaluation.arguments(PageQuery, location="query")
@evaluation.response(200, Overview)
def get_overview(query: dict[str, Any]) -> Response:
    """Show how well tickets are read: the serving model, how people judged it, the shadow, the evaluations."""
    session, company = g.session, g.caller.company_id
    before = decode_cursor(query["cursor"], (int,))
    rows = evaluations.page(session, company, before=before[0] if before else None, limit=query["limit"] + 1)
    body, headers = page(rows, query["limit"], lambda row: (row.id,), "items", [vars(row) for row in rows])
    return answer(
        body
        | {
            "serving": judge_live.serving(session, company),
            "live": vars(judge_live.live(session, company)),
            "shadow": vars(judge_live.shadowed(session, company)) | {"enabled": shadow.enabled(session, company)},
        },
        headers=headers,
    )


@evaluation.post("/api/evaluation")
@allowed(ADMIN, MANAGER)
@evaluation.arguments(FileOptions, location="query")
@evaluation.response(202, EvaluationView)
@evaluation.doc(requestBody=FILE_BODY)
def post_evaluation(options: dict[str, Any]) -> Response:
    """Evaluate on the labelled tickets of a CSV file, in the background; the file is forgotten when that is done.

    Everything is learnt from one part and measured on another: by cross-validation, or on the rows of a second file,
    `test`. In a form the options may be fields. Nothing of it touches the company's own model.
    """
    request.max_content_length = MOST_BYTES
    if request.mimetype == FORM:
        request.max_content_length += FORM_BYTES  # the limit is that of the file, not that of the form around it
        options = _form_options()
    sent = _sent()
    table, test = _tables(options, sent)
    material = Material(
        [(each.text, each.label) for each in table.rows],
        [(each.text, each.label) for each in test.rows] if test else (),
    )
    notes = (*table.notes, *(test.notes if test else ()))
    measured = (options[name] for name in ("folds", "precision", "per_label", "draws", "fine_tune"))
    plan = Plan(*measured, notes=notes)
    name = options["name"] or f"{' + '.join(table.text_columns)} → {table.label_column}"
    again = once(_accepted, _digest(options, sent))
    entered = evaluate.evaluate_file(
        g.session, g.caller.company_id, name, material, plan, g.caller.name, g.cause, again=again
    )
    return _accepted(entered)


@evaluation.post("/api/evaluation/backtest")
@allowed(ADMIN, MANAGER)
@evaluation.arguments(BacktestOptions)
@evaluation.response(202, EvaluationView)
def post_backtest(options: dict[str, Any]) -> Response:
    """Evaluate on the company's newest tickets that are closed or were routed by a person, in the background."""
    plan = Plan(precision=options["precision"])
    entered = evaluate.backtest(
        g.session, g.caller.company_id, options["tickets"], plan, g.caller.name, g.cause, again=once(_accepted)
    )
    return _accepted(entered)


@evaluation.get("/api/evaluation/<int:number>")
@allowed(ADMIN, MANAGER)
@evaluation.response(200, EvaluationView)
def get_evaluation(number: int) -> Response:
    """Show one evaluation."""
    return answer(vars(evaluate.find(g.session, g.caller.company_id, number)))


@evaluation.get("/api/evaluation/<int:number>/reliability.png")
@allowed(ADMIN, MANAGER)
@evaluation.response(200, {"type": "string", "format": "binary"}, content_type="image/png")
def get_chart(number: int) -> Response:
    """Show its reliability diagram and its curve of coverage against precision."""
    evaluate.find(g.session, g.caller.company_id, number)
    chart = evaluations.chart_of(g.session, g.caller.company_id, number)
    if chart is None:
        raise NotFound(f"evaluation {number} has no picture yet", code="chart_not_found")
    return Response(chart, content_type="image/png")


@evaluation.put("/api/evaluation/shadow")
@allowed(ADMIN)
@evaluation.arguments(ShadowSwitch)
@evaluation.response(200, ShadowSwitch)
def put_shadow(wanted: dict[str, Any]) -> Response:
    """Have new tickets read by who acts on nothing, or not any more.

    Where the company leaves tickets to machines that is its newest model that doesn't serve; where it doesn't, the
    local model and the keywords, never one that is paid.
    """
    judge_live.switch_shadow(g.session, g.caller.company_id, wanted["enabled"])
    return answer(wanted)


def _form_options() -> dict[str, Any]:
    if None in request.form or None in request.files:  # A name that can't be read is None here, not missing.
        raise Invalid(
            "A part of the form has no name.", errors=[{"field": "form", "message": "Give every part a name."}]
        )
    unknown = [name for name in request.files if name not in FILES]
    unknown += [name for name in request.form if name not in FileOptions().fields]
    twice = [
        name for name, values in (*request.form.lists(), *request.files.lists()) if len(values) > 1 and name != "text"
    ]
    twice += [name for name in request.form if name in request.args]
    if unknown or twice:
        errors = [{"field": name, "message": UNKNOWN} for name in unknown]
        errors += [{"field": name, "message": TWICE} for name in dict.fromkeys(twice) if name not in unknown]
        raise Invalid("Some parts of the form can't be accepted.", errors=errors)
    # Columns may be given one by one.
    given = {name: ",".join(request.form.getlist(name)) for name in request.form}
    refuse_text(given)
    try:
        loaded: dict[str, Any] = FileOptions().load(request.args.to_dict() | given)
    except ValidationError as error:
        raise Invalid("Some fields are not valid.", errors=field_errors(error.messages)) from error
    return loaded


def _tables(options: dict[str, Any], sent: Mapping[str, bytes]) -> tuple[Table, Table | None]:
    most = current_app.extensions[EVALUATION_ROWS]
    form = Form(options["text"], options["label"], options["delimiter"], options["encoding"])
    try:
        table = read_table(_file("file", sent), form, field="file", most=most, longest=LONGEST_TEXT)
        expect_enough(table, FEWEST_ROWS)
        if "test" not in sent:
            return table, None
        form = replace(form, text=table.text_columns, label=table.label_column)
        test = read_table(_file("test", sent), form, field="test", most=most, longest=LONGEST_TEXT)
        expect_enough(table, FEWEST_ROWS, test)
        return table, test
    except BadTable as error:
        problem = [{"field": error.field, "message": error.message}]
        raise Invalid(f"{error.field}: {error.message}", errors=problem) from error


def _file(name: str, sent: Mapping[str, bytes]) -> bytes:
    if name not in sent:
        raise BadTable(name, "Missing. Send a CSV file in this field of the form.")
    return sent[name]


def _sent() -> dict[str, bytes]:
    """Return the files that came, by the names of their fields."""
    if request.mimetype == FORM:
        sent = {}
        for name, found in request.files.items():
            sent[name] = found.read(MOST_BYTES + 1)
            if len(sent[name]) > MOST_BYTES:
                raise Problem(f"{name} is larger than {MOST_BYTES} bytes.", status=413, code="too_large")
        return sent
    if request.mimetype == CSV:
        return {"file": request.get_data()}
    raise Problem(f"Send {CSV}, or {FORM} with a field file.", status=415, code="unsupported_media_type")


def _digest(options: Mapping[str, Any], sent: Mapping[str, bytes]) -> bytes:
    """Return what two equal requests have in common: a form's boundary differs each time."""
    digest = hashlib.sha256(repr(sorted(options.items())).encode())
    for name, content in sorted(sent.items()):
        digest.update(f"\n{name} {hashlib.sha256(content).hexdigest()}".encode())
    return digest.digest()


def _accepted(entered: evaluations.Evaluation) -> Response:
    return answer(vars(entered), 202, headers={"Location": f"/api/evaluation/{entered.id}"})
