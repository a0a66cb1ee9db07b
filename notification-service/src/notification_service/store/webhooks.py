"""Webhooks of companies."""

# ruff: noqa: S608 - only column names and conditions that stand in this file are put together here.

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from service_kit.database.statements import Prepared, run
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from notification_service.domain.webhook import Webhook
from notification_service.domain.webhook_delivery import Health, Next

_COLUMNS = (
    "company_id, id, url, description, events, header_names, is_active, disabled_reason, failing_since, version,"
    " created_at, updated_at"
)
_LOCK_COMPANY = text("select pg_advisory_xact_lock(hashtext('webhooks'), :company)")
_ACTIVE = Prepared(
    "active_webhooks",
    "select company_id, id, events, created_at from webhooks where company_id = any(:companies) and is_active",
    {"companies": "int[]"},
)
_HEALTH = text(
    "select failures, failing_since, is_active from webhooks where company_id = :company and id = :id for update"
)
_SAVE_HEALTH = text("""
    update webhooks set failures = :failures, failing_since = :failing_since,
        paused_until = case when :failures = 0 then now() else greatest(paused_until, :paused_until) end,
        is_active = is_active and :reason = '',
        disabled_reason = case when is_active then :reason else disabled_reason end,
        version = version + case when is_active and :reason <> '' then 1 else 0 end,
        updated_at = case when is_active and :reason <> '' then now() else updated_at end
    where company_id = :company and id = :id
""")
# What it needed to be left alone for is over: another address, or a person who says that it is back.
_RESET = "failures = 0, failing_since = null, paused_until = now(), disabled_reason = ''"
_ROTATE = text(f"""
    update webhooks set former_secret_sealed = secret_sealed, former_secret_until = now() + :kept,
        secret_sealed = :sealed, updated_at = clock_timestamp()
    where company_id = :company and id = :id returning {_COLUMNS}
""")
_REMOVE_FORMER = text("""
    update webhooks set former_secret_sealed = null, former_secret_until = null
    where company_id = :company and former_secret_until < now()
""")


@dataclass(frozen=True)
class Subscriber:
    """An active webhook, and the events that it hears of."""

    company_id: int
    id: int
    events: Collection[str]
    created_at: datetime


@dataclass(frozen=True)
class Sealed:
    """A webhook's secrets as they are stored; `headers` is None without any."""

    secret: str = field(repr=False)
    headers: str | None = field(repr=False)


def lock_company(session: Session, company_id: int) -> None:
    """Let one transaction at a time change which of a company's deliveries are made next."""
    session.execute(_LOCK_COMPANY, {"company": company_id})


def companies(session: Session) -> frozenset[int]:
    """Return the companies with active webhooks."""
    return frozenset(session.execute(text("select company_id from companies_with_webhooks()")).scalars())


def active(session: Session, company_ids: Collection[int]) -> list[Subscriber]:
    """Return the active webhooks of some companies."""
    rows = run(session, [_ACTIVE], {"companies": sorted(company_ids)})
    return [Subscriber(row.company_id, row.id, row.events, row.created_at) for row in rows]


def find(session: Session, company_id: int, webhook_id: int, *, lock: bool = False) -> Webhook | None:
    """Return a webhook, None without one; `lock` keeps others from changing it until the transaction ends."""
    locking = " for update" if lock else ""
    query = text(f"select {_COLUMNS} from webhooks where company_id = :company and id = :id{locking}")
    row = session.execute(query, {"company": company_id, "id": webhook_id}).one_or_none()
    return None if row is None else _webhook(row)


def page(session: Session, company_id: int, *, after: int, limit: int) -> list[Webhook]:
    """Return up to `limit` webhooks added after the webhook `after`, in order of addition."""
    query = text(
        f"select {_COLUMNS} from webhooks where company_id = :company and id > :after order by id limit :limit"
    )
    return [_webhook(row) for row in session.execute(query, {"company": company_id, "after": after, "limit": limit})]


def count(session: Session, company_id: int) -> int:
    """Return how many webhooks a company has."""
    query = text("select count(*) from webhooks where company_id = :company")
    return int(session.execute(query, {"company": company_id}).scalar_one())


def add(session: Session, company_id: int, values: Mapping[str, Any], sealed: Sealed) -> Webhook:
    """Insert a webhook and return it."""
    statement = text(f"""
        insert into webhooks (company_id, url, description, events, header_names, is_active, headers_sealed,
            secret_sealed)
        values (:company, :url, :description, :events, :header_names, :is_active, :headers, :secret)
        returning {_COLUMNS}
    """)
    given = {**values, "company": company_id, "headers": sealed.headers, "secret": sealed.secret}
    return _webhook(session.execute(statement, given).one())


def change(
    session: Session, webhook: Webhook, values: Mapping[str, Any], headers: str | None, *, reset: bool
) -> Webhook:
    """Store a locked webhook's fields and return it; `headers` None leaves its headers as they are.

    With `reset` its failures are forgotten.
    """
    also = f", {_RESET}" if reset else ""
    statement = text(f"""
        update webhooks set url = :url, description = :description, events = :events, header_names = :header_names,
            is_active = :is_active, headers_sealed = coalesce(:headers, headers_sealed), version = version + 1,
            updated_at = clock_timestamp(){also}
        where company_id = :company and id = :id returning {_COLUMNS}
    """)
    given = {**values, "company": webhook.company_id, "id": webhook.id, "headers": headers}
    return _webhook(session.execute(statement, given).one())


def rotate(session: Session, webhook: Webhook, sealed_secret: str, kept: timedelta) -> Webhook:
    """Store a locked webhook's new secret; the former one signs too for the time `kept`."""
    values = {"company": webhook.company_id, "id": webhook.id, "sealed": sealed_secret, "kept": kept}
    return _webhook(session.execute(_ROTATE, values).one())


def remove(session: Session, webhook: Webhook) -> None:
    """Delete a locked webhook with its deliveries."""
    statement = text("delete from webhooks where company_id = :company and id = :id")
    session.execute(statement, {"company": webhook.company_id, "id": webhook.id})


def remove_former_secrets(session: Session, company_id: int) -> None:
    """Forget the secrets that don't sign any more."""
    session.execute(_REMOVE_FORMER, {"company": company_id})


def lock_health(session: Session, company_id: int, webhook_id: int) -> tuple[Health, bool] | None:
    """Lock a webhook and return how it fares, and whether it is active; None where it is deleted."""
    row = session.execute(_HEALTH, {"company": company_id, "id": webhook_id}).one_or_none()
    return None if row is None else (Health(row.failures, row.failing_since), row.is_active)


def save_health(session: Session, company_id: int, webhook_id: int, then: Next) -> None:
    """Store how a locked webhook fares after a try; one that is switched off keeps its reason."""
    values = {**vars(then.health), "paused_until": then.paused_until, "reason": then.disabled_reason}
    session.execute(_SAVE_HEALTH, {**values, "company": company_id, "id": webhook_id})


def _webhook(row: "Row[Any]") -> Webhook:
    found = dict(row._mapping)
    return Webhook(**found | {name: tuple(found[name]) for name in ("events", "header_names")})
