"""The encoders that were tuned for companies' models, as bytes."""

from sqlalchemy import text
from sqlalchemy.orm import Session

KEPT = 3
"""Of so many of a company's newest models the encoders are kept, and that of the model that serves. Without it a model
still judges, by what it knows of the encoder that all share."""

_ADD = text("""
    insert into tuned_encoders (company_id, version, encoder) values (:company, :version, :encoder)
    on conflict do nothing
""")

_SWEEP = text("""
    delete from tuned_encoders as t
    where t.company_id = :company
      and not exists (
          select 1 from models as m where m.company_id = :company and m.version = t.version and m.serving
      )
      and t.version not in (
          select version from models where company_id = :company order by created_at desc limit :kept
      )
""")


def add(session: Session, company: int, version: str, encoder: bytes) -> None:
    """Keep the encoder of a model; the same version again has the same."""
    session.execute(_ADD, {"company": company, "version": version, "encoder": encoder})


def sweep(session: Session, company: int) -> None:
    """Delete the encoders of models that are neither new nor serve."""
    session.execute(_SWEEP, {"company": company, "kept": KEPT})


def encoder_of(session: Session, company: int, version: str) -> bytes | None:
    """Return the encoder of a model; None where it has none, or not any more."""
    query = text("select encoder from tuned_encoders where company_id = :company and version = :version")
    found = session.execute(query, {"company": company, "version": version}).scalar_one_or_none()
    return None if found is None else bytes(found)
