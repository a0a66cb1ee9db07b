"""Migration 0011 renames the fields of stored reports."""

import json
from importlib import import_module
from typing import Any

import pytest
import sqlalchemy
from service_kit.testing.postgres import ServiceDatabase

MIGRATION = import_module("ai_service.migrations.0011_report_fields")

LABELS = {"believed": 0.5, "first_day": 1.0}
"""Labels that a company gave; they stay."""


def figures(accepted: str) -> dict[str, Any]:
    return {accepted: 0.25, "precision": 0.9, "recall": LABELS, "support": LABELS, "confusion": {"believed": LABELS}}


def evaluation(accepted: str, zero_shot: str, recorded: str) -> dict[str, Any]:
    return {
        "trained": None,
        zero_shot: figures(accepted),
        recorded: figures(accepted),
        f"{recorded}_by_people": None,
        "rounds": [{accepted: 0.5, "tuning": {"with": {accepted: 1.0}}}],
    }


def training(accepted: str) -> dict[str, Any]:
    return {"reasons": ["believed"], "evaluation": figures(accepted), "teams": {"serving": figures(accepted)}}


def insert(made: ServiceDatabase, company: int) -> None:
    report = json.dumps(evaluation("believed", "first_day", "said_then"))
    made.rows(
        "insert into evaluations (company_id, kind, name, asked_by, plan, report)"
        " values (%s, 'file', 'a', 'b', '{}', %s), (%s, 'file', 'waiting', 'b', '{}', null) returning 1",
        company, report, company,
    )  # fmt: skip
    made.rows(
        "insert into training_runs (company_id, state, asked_by, report) values (%s, 'kept', 'b', %s) returning 1",
        company, json.dumps(training("believed")),
    )  # fmt: skip
    made.rows(
        "insert into models (company_id, version, run_id, examples, encoder, evaluation, head)"
        " values (%s, 'v1', 1, 9, 'e', %s, ''), (%s, 'v2', 1, 9, 'e', null, '') returning 1",
        company, json.dumps(figures("believed")), company,
    )  # fmt: skip


def test_stored_reports_get_the_new_names_and_labels_keep_theirs(
    made: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.clean()
    companies = range(1, 6)
    for company in companies:
        insert(made, company)
    monkeypatch.setattr(MIGRATION, "BATCH", 2)
    engine = sqlalchemy.create_engine(sqlalchemy.make_url(made.admin_url).set(drivername="postgresql+psycopg2"))
    with engine.begin() as connection:
        connection.exec_driver_sql(f'set search_path = "{made.schema}"')
        connection.exec_driver_sql(f'set role "{made.roles.owner}"')
        MIGRATION.rename_all(connection)
    engine.dispose()
    new = evaluation("accepted", "zero_shot", "recorded")
    assert made.rows("select report from evaluations where report is not null") == [(new,)] * len(companies)
    assert made.rows("select report from training_runs") == [(training("accepted"),)] * len(companies)
    assert made.rows("select evaluation from models where version = 'v1'") == [(figures("accepted"),)] * len(companies)
    assert made.rows("select count(*) from models where evaluation is null") == [(len(companies),)]
    forced = "select bool_and(relforcerowsecurity) from pg_class where oid = any(%s::regclass[])"
    assert made.rows(forced, ["evaluations", "training_runs", "models"]) == [(True,)]
