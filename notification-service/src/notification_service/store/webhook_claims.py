"""The claims of webhooks' deliveries: found over all companies, made within limits, renewed and ended.

A claim is a lease: a sender that lives renews it, and one that has ended loses its messages after LEASE_SECONDS.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from notification_service.domain.webhook_delivery import LEASE_SECONDS, Next, Outcome, Policy

MAX_TRIES = 20
_DUE = text("select company_id, webhook_id from due_webhooks(:open_after, :most)")
_LOST = text("select company_id, delivery_id from lost_webhook_deliveries(make_interval(secs => :seconds), :most)")
# Indexes: webhook_deliveries_sending, webhook_deliveries_pending. An open breaker lets one probe through at a time,
# which is due whenever it is.
_CLAIM = text("""
    with webhook as (
        select w.*, w.failures >= :open_after as is_open,
            (select count(*) from webhook_deliveries d where d.company_id = :company and d.state = 'sending') as busy,
            (select count(*) from webhook_deliveries d
             where d.company_id = :company and d.webhook_id = w.id and d.state = 'sending') as own_busy
        from webhooks w
        where w.company_id = :company and w.id = :webhook and w.is_active and w.paused_until <= now()
    ), next as (
        select d.company_id, d.id from webhook_deliveries d, webhook
        where d.company_id = :company and d.webhook_id = :webhook and d.state = 'pending'
            and (webhook.is_open or d.next_try_at <= now())
        order by d.next_try_at, d.id
        limit (
            select greatest(0, least(
                :most, :per_company - busy, case when is_open then 1 else :per_webhook end - own_busy
            )) from webhook
        )
    ), claimed as (
        update webhook_deliveries d
        set state = 'sending', tries = tries + 1, claimed_at = now(), is_probe = webhook.is_open
        from next, webhook where d.company_id = next.company_id and d.id = next.id
        returning d.company_id, d.id, d.webhook_id, d.ticket_id, d.message_id, d.body, d.tries, d.step, d.is_probe
    ), tried as (
        insert into webhook_tries (company_id, delivery_id, number) select company_id, id, tries from claimed
    )
    select claimed.*, webhook.url, webhook.headers_sealed, webhook.secret_sealed,
        case when webhook.former_secret_until > now() then webhook.former_secret_sealed end as former_secret_sealed
    from claimed, webhook order by claimed.id
""")
_MOVE = text("""
    update webhook_deliveries set state = :state, step = :step, next_try_at = :at, reason = :reason, claimed_at = null,
        ended_at = case when :state in ('delivered', 'failed') then now() end
    where company_id = :company and id = :id and tries = :tries and state = 'sending'
""")
# Of many tries the newest are kept: a webhook that fails is probed for days.
_END_TRY = text("""
    with older as (
        delete from webhook_tries
        where company_id = :company and delivery_id = :id and number <= :tries - :kept
    )
    update webhook_tries set ended_at = now(), status = :status, milliseconds = :milliseconds, reason = :reason,
        answer = :answer
    where company_id = :company and delivery_id = :id and number = :tries
""")
# A row that is locked is having its outcome stored, or its claim ended by another process. So two of these statements
# don't deadlock.
_RENEW = text("""
    with own as (
        select d.company_id, d.id from webhook_deliveries d
        join unnest(cast(:companies as int[]), cast(:ids as bigint[]), cast(:tries as int[])) as k (company, id, tries)
            on d.company_id = k.company and d.id = k.id and d.tries = k.tries
        where d.state = 'sending' for update of d skip locked
    )
    update webhook_deliveries d set claimed_at = now()
    from own where d.company_id = own.company_id and d.id = own.id
""")
_GIVE_BACK = text("""
    with found as (
        select d.company_id, d.id from webhook_deliveries d
        join unnest(cast(:companies as int[]), cast(:ids as bigint[])) as k (company, id)
            on d.company_id = k.company and d.id = k.id
        where d.state = 'sending' and d.claimed_at < now() - make_interval(secs => :seconds)
        for update of d skip locked
    ), lost as (
        update webhook_deliveries d set state = 'pending', next_try_at = now(), claimed_at = null, reason = :reason
        from found where d.company_id = found.company_id and d.id = found.id
        returning d.company_id, d.id, d.tries
    )
    update webhook_tries t set ended_at = now(), reason = :reason
    from lost where t.company_id = lost.company_id and t.delivery_id = lost.id and t.number = lost.tries
""")


@dataclass(frozen=True)
class Claim:
    """A delivery that this process makes now; `tries` counts this one."""

    company_id: int
    id: int
    webhook_id: int
    ticket_id: int | None
    message_id: str
    body: str
    tries: int
    step: int
    is_probe: bool
    url: str
    headers_sealed: str | None = field(repr=False)
    secret_sealed: str = field(repr=False)
    former_secret_sealed: str | None = field(repr=False)


def due(session: Session, policy: Policy, most: int) -> list[tuple[int, int]]:
    """Return webhooks of all companies that something is due for, by company and id."""
    rows = session.execute(_DUE, {"open_after": policy.breaker_failures, "most": most})
    return [(row.company_id, row.webhook_id) for row in rows]


def claim(session: Session, company_id: int, webhook_id: int, policy: Policy, most: int) -> list[Claim]:
    """Claim up to `most` deliveries of a webhook within the limits; the company is locked."""
    values = {
        "company": company_id,
        "webhook": webhook_id,
        "open_after": policy.breaker_failures,
        "per_company": policy.per_company,
        "per_webhook": policy.per_webhook,
        "most": most,
    }
    return [Claim(**row._mapping) for row in session.execute(_CLAIM, values)]


def renew(session: Session, claims: Collection[Claim]) -> None:
    """Begin the leases anew of claims that still hold; the session is that of their companies."""
    values = {
        "companies": [each.company_id for each in claims],
        "ids": [each.id for each in claims],
        "tries": [each.tries for each in claims],
    }
    session.execute(_RENEW, values)


def lost(session: Session, most: int) -> list[tuple[int, int]]:
    """Return deliveries of all companies whose sender has not renewed its claim, by company and id."""
    rows = session.execute(_LOST, {"seconds": LEASE_SECONDS, "most": most})
    return [(row.company_id, row.delivery_id) for row in rows]


def give_back(session: Session, found: Sequence[tuple[int, int]]) -> None:
    """Make deliveries pending again whose sender has not renewed its claim."""
    values = {"companies": [key[0] for key in found], "ids": [key[1] for key in found], "seconds": LEASE_SECONDS}
    session.execute(_GIVE_BACK, {**values, "reason": "the sender has ended, or was away from the database; sent again"})


def move(session: Session, claim: Claim, then: Next, reason: str) -> bool:
    """Store what follows a try; return whether the delivery still waited for it."""
    values = {"company": claim.company_id, "id": claim.id, "tries": claim.tries, "reason": reason}
    found = session.execute(_MOVE, {**values, "state": then.state, "step": then.step, "at": then.at})
    return bool(found.rowcount)  # type: ignore[attr-defined]


def end_try(session: Session, claim: Claim, outcome: Outcome) -> None:
    """Store the outcome of a try."""
    values = {"company": claim.company_id, "id": claim.id, "tries": claim.tries, "status": outcome.status}
    more = {"milliseconds": outcome.milliseconds, "reason": outcome.reason, "answer": outcome.answer, "kept": MAX_TRIES}
    session.execute(_END_TRY, values | more)


def time(session: Session) -> datetime:
    """Return the database's time, which counts for all replicas."""
    now: datetime = session.execute(text("select now()")).scalar_one()
    return now
