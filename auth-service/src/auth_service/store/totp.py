"""The second factors of people (`totp`)."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from auth_service.domain.second_factor import SecondFactor


def find(session: Session, company_id: int, user_id: int) -> SecondFactor | None:
    """Return a user's second factor, confirmed or not; None where there is none."""
    query = text(
        "select secret_sealed, confirmed_at, last_step, cardinality(recovery_hashes) as recovery_codes_left"
        " from totp where company_id = :company and user_id = :user"
    )
    row = session.execute(query, {"company": company_id, "user": user_id}).one_or_none()
    return None if row is None else SecondFactor(**{**row._mapping, "secret_sealed": bytes(row.secret_sealed)})


def replace(session: Session, company_id: int, user_id: int, secret_sealed: bytes) -> bool:
    """Store an unconfirmed secret in place of another unconfirmed one; return False where one is confirmed."""
    query = text(
        "insert into totp (company_id, user_id, secret_sealed) values (:company, :user, :secret)"
        " on conflict (company_id, user_id) do update set secret_sealed = excluded.secret_sealed,"
        " created_at = clock_timestamp(), last_step = 0 where totp.confirmed_at is null returning user_id"
    )
    values = {"company": company_id, "user": user_id, "secret": secret_sealed}
    return session.execute(query, values).first() is not None


def confirm(session: Session, company_id: int, user_id: int, recovery_hashes: Sequence[bytes]) -> bool:
    """Confirm a second factor and store its recovery codes; return whether it was waiting for that."""
    query = text(
        "update totp set confirmed_at = clock_timestamp(), recovery_hashes = cast(:hashes as bytea[])"
        " where company_id = :company and user_id = :user and confirmed_at is null returning user_id"
    )
    values = {"company": company_id, "user": user_id, "hashes": list(recovery_hashes)}
    return session.execute(query, values).first() is not None


def use_step(session: Session, company_id: int, user_id: int, secret_sealed: bytes, step: int) -> bool:
    """Note the time step of an accepted code; return False where that step or a later one was used before."""
    query = text(
        "update totp set last_step = :step where company_id = :company and user_id = :user"
        " and secret_sealed = :secret and last_step < :step returning user_id"
    )
    values = {"company": company_id, "user": user_id, "secret": secret_sealed, "step": step}
    return session.execute(query, values).first() is not None


def use_recovery_code(session: Session, company_id: int, user_id: int, digest: bytes) -> bool:
    """Remove a recovery code of a confirmed second factor; return whether it was there."""
    query = text(
        "update totp set recovery_hashes = array_remove(recovery_hashes, :digest)"
        " where company_id = :company and user_id = :user and confirmed_at is not null"
        " and :digest = any(recovery_hashes) returning user_id"
    )
    values = {"company": company_id, "user": user_id, "digest": digest}
    return session.execute(query, values).first() is not None


def remove(session: Session, company_id: int, user_id: int) -> bool:
    """Delete a second factor; return whether there was one."""
    query = text("delete from totp where company_id = :company and user_id = :user returning user_id")
    return session.execute(query, {"company": company_id, "user": user_id}).first() is not None
