"""Claim the messages of webhooks that are due, call their receivers and store the outcomes.

A delivery is claimed in one transaction, sent outside of any, and its outcome is stored in another. A process that ends
in between leaves it in `sending`; its lease ends, and it is sent again under the same id: receivers get each message at
least once.
"""

import json
import random
import time
from collections.abc import Collection
from dataclasses import dataclass

from outbound_kit.sealing import CannotUnseal, TextSealer
from service_kit.database.engine import Database
from sqlalchemy.orm import Session

from notification_service.domain.delivery import MessageIds
from notification_service.domain.kinds import Kind
from notification_service.domain.signing import key_of, signed_headers
from notification_service.domain.webhook_delivery import Next, Outcome, Policy, State, after
from notification_service.metrics import WebhookMetrics
from notification_service.ports import Caller
from notification_service.store import people, webhook_claims, webhook_deliveries, webhooks
from notification_service.store.people import Named
from notification_service.store.webhook_claims import Claim
from notification_service.usecases.notify import Occasion, notify

MAX_FOUND = 100


@dataclass(frozen=True)
class WebhookSender:
    """Delivers messages; threads share it."""

    database: Database
    caller: Caller
    sealer: TextSealer
    policy: Policy
    metrics: WebhookMetrics
    message_ids: MessageIds | None = None

    def claim(self, most: int) -> list[Claim]:
        """Claim up to `most` deliveries that are due, within the limits per webhook and company."""
        with self.database.session() as session, session.begin():
            found = webhook_claims.due(session, self.policy, MAX_FOUND)
        claims: list[Claim] = []
        for company_id, webhook_id in found:
            if len(claims) >= most:
                break
            with self.database.session(company_id) as session, session.begin():
                webhooks.lock_company(session, company_id)
                claims += webhook_claims.claim(session, company_id, webhook_id, self.policy, most - len(claims))
        return claims

    def call(self, claim: Claim) -> Outcome:
        """Send a claimed message once and return what came of it; no transaction is open."""
        body = claim.body.encode()
        try:
            sealed = [each for each in (claim.secret_sealed, claim.former_secret_sealed) if each is not None]
            keys = [key_of(self.sealer.unseal_text(each)) for each in sealed]
            own = {} if claim.headers_sealed is None else json.loads(self.sealer.unseal_text(claim.headers_sealed))
        except CannotUnseal:
            return Outcome(
                None, "the secret can't be read: NOTIFICATION_KEY_SECRET has changed; rotate it, set headers anew"
            )
        signed = signed_headers(keys, claim.message_id, int(time.time()), body)
        return self.caller.post(claim.url, {**own, **signed}, body)

    def store(self, claim: Claim, outcome: Outcome) -> None:
        """Store the outcome of a call, for the delivery and for its webhook, and count it."""
        with self.database.session(claim.company_id) as session, session.begin():
            webhooks.lock_company(session, claim.company_id)
            webhook_claims.end_try(session, claim, outcome)
            found = webhooks.lock_health(session, claim.company_id, claim.webhook_id)
            if found is None:
                return
            health, was_active = found
            then = after(
                outcome, health, claim.step, is_probe=claim.is_probe, now=webhook_claims.time(session),
                policy=self.policy, luck=random.uniform(-1, 1),
            )  # fmt: skip
            # Otherwise this process was suspended for so long that another one has sent the message again.
            if not webhook_claims.move(session, claim, then, outcome.reason):
                return
            is_switched_off = was_active and bool(then.disabled_reason)
            self._follow(session, claim, then, is_switched_off=is_switched_off)
        self.metrics.count(then, is_switched_off=is_switched_off)

    def renew(self, claims: Collection[Claim]) -> None:
        """Keep the claims of calls that go on."""
        with self.database.session(*{each.company_id for each in claims}) as session, session.begin():
            webhook_claims.renew(session, claims)

    def give_back_lost(self) -> int:
        """Let deliveries be made again whose sender has not renewed its claim; return how many were found."""
        with self.database.session() as session, session.begin():
            found = webhook_claims.lost(session, MAX_FOUND)
        if found:
            with self.database.session(*{company_id for company_id, _ in found}) as session, session.begin():
                webhook_claims.give_back(session, found)
        return len(found)

    def _follow(self, session: Session, claim: Claim, then: Next, *, is_switched_off: bool) -> None:
        """Store how a webhook fares after a try, and let what waited for this try go on."""
        company_id, webhook_id = claim.company_id, claim.webhook_id
        webhooks.save_health(session, company_id, webhook_id, then)
        if then.is_back:
            webhook_deliveries.wake(session, company_id, webhook_id)
        if then.state is not State.PENDING and claim.ticket_id is not None:
            webhook_deliveries.promote(session, company_id, [(webhook_id, claim.ticket_id)])
        if is_switched_off:
            self._announce(session, claim, then)

    def _announce(self, session: Session, claim: Claim, then: Next) -> None:
        """Notify the company's admins that a webhook is switched off."""
        company_id, webhook_id = claim.company_id, claim.webhook_id
        found = people.find(session, {company_id: Named(with_managers=True)}).get(company_id)
        admins = found.admins() if found else []
        facts = {
            "subject": f"Webhook {webhook_id} is switched off",
            "message": f"Webhook {webhook_id} is switched off: {then.disabled_reason}."
            f" What waits for it is kept. PATCH /api/webhooks/{webhook_id} with is_active switches it on again.",
        }
        cause = f"webhook:{webhook_id}:off:{then.health.failing_since:%Y%m%dT%H%M%S.%f}"
        audience = {each.user_id: Kind.MESSAGE for each in admins}
        notify(session, [Occasion(company_id, None, cause, audience, facts)], self.message_ids)
