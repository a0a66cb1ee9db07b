"""Predictions of the shadow model, which nothing acts on, and whether shadow mode is on."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.database.pg_arrays import pg_array, pg_text_array
from service_kit.database.statements import Prepared, run
from sqlalchemy import text
from sqlalchemy.orm import Session

_INSERT = Prepared(
    "insert_shadow_predictions",
    """
    insert into shadow_readings (company_id, ticket_id, department, confidence, believed, decided_by, model)
    select * from unnest(:companies, :tickets, :departments, :confidences, :believed, :decided_by, :models)
    on conflict (company_id, ticket_id) do nothing
    """,
    {
        "companies": "int[]",
        "tickets": "bigint[]",
        "departments": "text[]",
        "confidences": "float8[]",
        "believed": "boolean[]",
        "decided_by": "text[]",
        "models": "text[]",
    },
)

# Indexes: shadow_readings_newest, and the primary key of examples.
_LABELLED = text("""
    select s.department as predicted, s.confidence, s.believed as accepted, e.label
    from (
        select * from shadow_readings where company_id = :company order by created_at desc limit :most
    ) as s
    left join examples as e on e.company_id = :company and e.ticket_id = s.ticket_id
""")

_DELETE = text("""
    delete from shadow_readings s
    using unnest(cast(:companies as int[]), cast(:tickets as bigint[])) as ended (company_id, id)
    where s.company_id = ended.company_id and s.ticket_id = ended.id
""")


@dataclass(frozen=True)
class ShadowPrediction:
    """The shadow model's prediction for a ticket; `confidence` is 0 to 1."""

    company_id: int
    ticket_id: int
    department: str
    confidence: float
    accepted: bool
    decided_by: str
    model: str | None


@dataclass(frozen=True)
class LabelledShadowPrediction:
    """A shadow prediction with the label that a person gave later; None where none did."""

    predicted: str
    confidence: float
    accepted: bool
    label: str | None


def insert(session: Session, predictions: Sequence[ShadowPrediction]) -> None:
    """Insert predictions."""
    if predictions:
        values = {
            "companies": pg_array(each.company_id for each in predictions),
            "tickets": pg_array(each.ticket_id for each in predictions),
            "departments": pg_text_array(each.department for each in predictions),
            "confidences": pg_array(each.confidence for each in predictions),
            "believed": pg_array(each.accepted for each in predictions),
            "decided_by": pg_array(each.decided_by for each in predictions),
            "models": pg_text_array(each.model for each in predictions),
        }
        run(session, [_INSERT], values)


def newest(session: Session, company_id: int, most: int) -> list[LabelledShadowPrediction]:
    """Return the newest `most` predictions with people's labels."""
    return [
        LabelledShadowPrediction(**row._mapping)
        for row in session.execute(_LABELLED, {"company": company_id, "most": most})
    ]


def delete(session: Session, tickets: Sequence[tuple[int, int]]) -> None:
    """Delete the predictions for these tickets, each given as (company, ticket)."""
    session.execute(
        _DELETE,
        {
            "companies": pg_array(company_id for company_id, _ in tickets),
            "tickets": pg_array(ticket for _, ticket in tickets),
        },
    )


def is_enabled(session: Session, company_id: int) -> bool:
    """Return whether shadow mode is on for a company."""
    query = text("select enabled from shadow_settings where company_id = :company")
    return bool(session.execute(query, {"company": company_id}).scalar_one_or_none())


def set_enabled(session: Session, company_id: int, enabled: bool) -> None:
    """Switch shadow mode on or off for a company."""
    session.execute(
        text("""
            insert into shadow_settings (company_id, enabled) values (:company, :enabled)
            on conflict (company_id) do update set enabled = excluded.enabled
        """),
        {"company": company_id, "enabled": enabled},
    )
