"""The schemas of `/api/evaluation`."""

import csv
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate
from service_kit.http.pages import PageView

STATES = ("waiting", "running", "done", "failed")


FILE_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "description": "the options of the query may be fields here; any other field is refused",
                "additionalProperties": False,
                "properties": {
                    "file": {"type": "string", "format": "binary", "description": "CSV with a header line"},
                    "test": {"type": "string", "format": "binary", "description": "rows to test on; else folds"},
                    **{
                        name: {"type": "string"}
                        for name in ("name", "text", "label", "folds", "precision", "per_label", "draws", "fine_tune")
                    },
                },
            }
        },
        "text/csv": {"schema": {"type": "string"}},
    },
}
MAX_TEXT_COLUMNS = 10


class Columns(fields.String):
    """Names of columns, separated by commas; a name with a comma stands in quotation marks."""

    def _deserialize(  # type: ignore[override]  # documented as a string, read as a list
        self, value: Any, attr: str | None, data: Any, **more: Any
    ) -> list[str]:
        line = super()._deserialize(value, attr, data, **more)
        try:
            names = [name.strip() for row in csv.reader([line], strict=True) for name in row]
        except csv.Error:
            # The name itself has a quotation mark.
            names = [name.strip() for name in line.split(",")]
        if len(names) > MAX_TEXT_COLUMNS:
            raise ValidationError(f"At most {MAX_TEXT_COLUMNS} columns.")
        return [name for name in names if name]


class FileOptions(Schema):
    """How to read and measure a file."""

    name = fields.String(load_default="", validate=validate.Length(max=200), metadata={"description": "for people"})
    text = Columns(
        load_default=list,
        metadata={"description": "columns of the text; else those named title and description, subject and body …"},
    )
    label = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "column of the label; else department, label, category, queue …"},
    )
    delimiter = fields.String(
        load_default="",
        validate=validate.Length(max=20),
        metadata={"description": "what separates the cells: one character, or tab; else what the file names or shows"},
    )
    encoding = fields.String(
        load_default="",
        validate=validate.Length(max=50),
        metadata={"description": "of the text, such as cp1252; else UTF-8 or UTF-16, or a guess that `plan` mentions"},
    )
    folds = fields.Integer(
        load_default=5, validate=validate.Range(min=2, max=10), metadata={"description": "rounds of cross-validation"}
    )
    precision = fields.Float(
        load_default=0.9,
        validate=validate.Range(min=0.5, max=0.999),
        metadata={"description": "the target precision of the accepted answers"},
    )
    per_label = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(min=1, max=10_000),
        metadata={"description": "train on so many examples of each label only"},
    )
    draws = fields.Integer(
        load_default=5,
        validate=validate.Range(min=1, max=10),
        metadata={"description": "how many times they are drawn, where there is a file to test on"},
    )
    fine_tune = fields.Boolean(
        load_default=False,
        metadata={
            "description": "fine-tune an encoder in each round too, which takes minutes, however few labels there are"
        },
    )


class BacktestOptions(Schema):
    """The tickets to test on, and the target precision."""

    tickets = fields.Integer(
        load_default=500, strict=True, validate=validate.Range(min=20, max=5_000),
        metadata={"description": "how many: the newest that are closed or were routed by a person"},
    )  # fmt: skip
    precision = fields.Float(load_default=0.9, validate=validate.Range(min=0.5, max=0.999))


class EvaluationView(Schema):
    """An evaluation."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(["file", "backtest"]))
    name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    requested_by = fields.String(required=True)
    requested_at = fields.DateTime(required=True)
    started_at = fields.DateTime(required=True, allow_none=True)
    ended_at = fields.DateTime(required=True, allow_none=True)
    step = fields.String(required=True, metadata={"description": "the current step"})
    plan = fields.Dict(
        required=True,
        metadata={"description": "the options; `notes` says how the file was read and which rows were left out"},
    )
    report = fields.Dict(
        required=True,
        allow_none=True,
        metadata={
            "description": "`trained` has the metrics of a trained head on test texts, `apart` those on texts without "
            "near duplicates among the training texts (`near_duplicates` counts the others), `without_tuning` those "
            "without the fine-tuned encoder (null where there is none), `zero_shot` those of the zero-shot "
            "classifier, `recorded` (backtest) those of the predictions made when the tickets came; "
            "each with accuracy, macro_f1, calibration_error, accepted, precision, confusion, reliability, coverage"
        },
    )
    error = fields.String(required=True, allow_none=True)


class OnlineEvaluationView(Schema):
    """Predictions compared with the labels that people gave later; all figures but the counts are between 0 and 1."""

    tickets = fields.Integer(required=True, metadata={"description": "the newest, evaluated"})
    examples = fields.Integer(required=True, metadata={"description": "those of them with a person's label"})
    figures = fields.Dict(required=True, allow_none=True, metadata={"description": "as in a report; null: none yet"})


class ShadowView(OnlineEvaluationView):
    """The online evaluation of the shadow model, and whether shadow mode is on."""

    enabled = fields.Boolean(required=True)


class Overview(PageView):
    """The serving model, the online evaluations, and a page of the evaluations, newest first."""

    serving = fields.Dict(
        required=True, allow_none=True, metadata={"description": "the serving model with its metrics"}
    )
    live = fields.Nested(OnlineEvaluationView, required=True)
    shadow = fields.Nested(ShadowView, required=True)
    items = fields.List(fields.Nested(EvaluationView), required=True)


class ShadowSwitch(Schema):
    """Whether shadow mode is on."""

    enabled = fields.Boolean(required=True, truthy={True}, falsy={False})
