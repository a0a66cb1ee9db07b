"""What companies decided about their ladders."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from ai_service.domain.ladder_settings import LadderSettings

_FIND = text("""
    select ladder_order as "order", local_threshold, daily_budget_usd, monthly_budget_usd
    from ladder_settings where company_id = :company
""")
_SAVE = text("""
    insert into ladder_settings (company_id, ladder_order, local_threshold, daily_budget_usd, monthly_budget_usd)
    values (:company, :order, :local_threshold, :daily_budget_usd, :monthly_budget_usd)
    on conflict (company_id) do update
    set ladder_order = excluded.ladder_order, local_threshold = excluded.local_threshold,
        daily_budget_usd = excluded.daily_budget_usd, monthly_budget_usd = excluded.monthly_budget_usd
""")


def hold(session: Session, company: int) -> LadderSettings:
    """Return a company's settings, or the defaults, and keep others from changing them in the caller's transaction."""
    query = text("select pg_advisory_xact_lock(hashtext('ladder settings:' || current_schema()), :company)")
    session.execute(query, {"company": company})
    row = session.execute(_FIND, {"company": company}).one_or_none()
    return LadderSettings() if row is None else LadderSettings(**row._mapping)


def save(session: Session, company: int, settings: LadderSettings) -> None:
    """Keep a company's settings."""
    session.execute(_SAVE, {**vars(settings), "company": company})
