"""Companies' settings of the classifier cascade."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from ai_service.domain.cascade_settings import CascadeSettings

_FIND = text("""
    select ladder_order as "order", local_threshold, daily_budget_usd, monthly_budget_usd
    from ladder_settings where company_id = :company
""")
_UPSERT = text("""
    insert into ladder_settings (company_id, ladder_order, local_threshold, daily_budget_usd, monthly_budget_usd)
    values (:company, :order, :local_threshold, :daily_budget_usd, :monthly_budget_usd)
    on conflict (company_id) do update
    set ladder_order = excluded.ladder_order, local_threshold = excluded.local_threshold,
        daily_budget_usd = excluded.daily_budget_usd, monthly_budget_usd = excluded.monthly_budget_usd
""")


def lock(session: Session, company_id: int) -> CascadeSettings:
    """Return a company's settings, or the defaults, and lock them until the transaction ends."""
    query = text("select pg_advisory_xact_lock(hashtext('cascade settings:' || current_schema()), :company)")
    session.execute(query, {"company": company_id})
    row = session.execute(_FIND, {"company": company_id}).one_or_none()
    return CascadeSettings() if row is None else CascadeSettings(**row._mapping)


def upsert(session: Session, company_id: int, settings: CascadeSettings) -> None:
    """Insert or replace a company's settings."""
    session.execute(_UPSERT, {**vars(settings), "company": company_id})
