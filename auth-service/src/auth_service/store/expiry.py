"""Deletes a company's rows that have expired."""

from sqlalchemy import text
from sqlalchemy.orm import Session

# A token that expired unused can't be exchanged; one that was used can't end its session any more, as its successors
# have replaced it for two weeks. Ended sessions stay for a month, for questions about what happened.
STATEMENTS = (
    "delete from refresh_tokens where company_id = :company and idle_expires_at < now() - interval '1 day'",
    "delete from sessions where company_id = :company and coalesce(ended_at, expires_at) < now() - interval '30 days'",
    "delete from invitations where company_id = :company"
    " and coalesce(accepted_at, revoked_at, expires_at) < now() - interval '30 days'",
    "delete from api_keys where company_id = :company"
    " and coalesce(revoked_at, expires_at) < now() - interval '30 days'",
    "delete from used_half_logins where company_id = :company and expires_at < now() - interval '1 hour'",
    "delete from password_resets where company_id = :company and expires_at < now() - interval '1 day'",
    "delete from email_changes where company_id = :company and requested_at < now() - interval '8 days'",
    "delete from sso_attempts where company_id = :company and expires_at < now()",
    "delete from sso_codes where company_id = :company and expires_at < now()",
    "delete from revocations where company_id = :company and revoked_at < now() - interval '1 hour'",
)


def remove(session: Session, company_id: int) -> None:
    """Delete expired tokens, sessions, invitations, API keys, links, requests, sign-ins and revocations."""
    for statement in STATEMENTS:
        session.execute(text(statement), {"company": company_id})
