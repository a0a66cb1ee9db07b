"""The fine-tuned encoders of companies' models, as bytes."""

from sqlalchemy import text
from sqlalchemy.orm import Session

KEPT_ENCODERS = 3
"""Those of a company's newest models; the serving model's is kept besides. A model without its encoder classifies with
the shared one."""

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


def add(session: Session, company_id: int, version: str, encoder: bytes) -> None:
    """Insert the encoder of a model; the same version again has the same encoder."""
    session.execute(_ADD, {"company": company_id, "version": version, "encoder": encoder})


def delete_old(session: Session, company_id: int) -> None:
    """Delete the encoders of models that are neither among the newest nor serving."""
    session.execute(_SWEEP, {"company": company_id, "kept": KEPT_ENCODERS})


def encoder_of(session: Session, company_id: int, version: str) -> bytes | None:
    """Return the encoder of a model; None where it has none, or no longer."""
    query = text("select encoder from tuned_encoders where company_id = :company and version = :version")
    found = session.execute(query, {"company": company_id, "version": version}).scalar_one_or_none()
    return None if found is None else bytes(found)


def digests_of(session: Session, company_id: int) -> list[str]:
    """Return the SHA-256 of each encoder of a company, in hexadecimal."""
    query = text("select encode(sha256(encoder), 'hex') from tuned_encoders where company_id = :company")
    return list(session.execute(query, {"company": company_id}).scalars())
