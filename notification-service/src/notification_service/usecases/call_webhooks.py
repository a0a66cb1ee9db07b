"""Deliver the messages of webhooks that are due, in every worker, until it stops.

A delivery is claimed in one transaction, sent outside of any, and its outcome is stored in another. A process that ends
in between leaves it in `sending`; after CLAIM_SECONDS it is sent again, under the same id: receivers get each message
at least once. Calls have threads of their own, a few per company, so that a slow receiver delays no other company.
"""

import json
import random
import time
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Thread, current_thread
from threading import Event as Flag

from outbound_kit.sealing import CannotUnseal, TextSealer
from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger
from sqlalchemy.orm import Session

from notification_service.domain.delivery import MessageIds
from notification_service.domain.kinds import Kind
from notification_service.domain.signing import key_of, signed_headers
from notification_service.domain.webhook_delivery import Next, Outcome, Policy, State, after
from notification_service.ports import Caller
from notification_service.store import people, webhook_deliveries, webhooks
from notification_service.store.people import Named
from notification_service.store.webhook_deliveries import Claim
from notification_service.usecases.notify import Occasion, notify

INTERVAL_SECONDS = 1.0
STOP_SECONDS = 5.0
MAX_FOUND = 100

log = get_logger(__name__)


@dataclass
class WebhookSender:
    """Delivers messages with at most `threads` calls at the same time; one per process."""

    database: Database
    caller: Caller
    sealer: TextSealer
    policy: Policy
    threads: int
    message_ids: MessageIds | None = None
    _running: set[Thread] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Make the slots of the calls."""
        self._slots, self._ended = BoundedSemaphore(self.threads), Flag()

    def send_due(self) -> int:
        """Claim deliveries for the free threads and begin to send them; return how many."""
        free = 0
        while free < self.threads and self._slots.acquire(blocking=False):
            free += 1
        claims: list[Claim] = []
        try:
            claims = self.claim(free) if free else []
        finally:
            for _ in range(free - len(claims)):
                self._slots.release()
        for claim in claims:
            thread = Thread(target=self._run, args=(claim,), name="webhook", daemon=True)
            self._running.add(thread)
            try:
                thread.start()
            except RuntimeError:
                self._running.discard(thread)
                self._slots.release()
                raise
        return len(claims)

    def claim(self, most: int) -> list[Claim]:
        """Claim up to `most` deliveries that are due, within the limits per webhook and company."""
        with self.database.session() as session, session.begin():
            found = webhook_deliveries.due(session, self.policy, MAX_FOUND)
        claims: list[Claim] = []
        for company_id, webhook_id in found:
            if len(claims) >= most:
                break
            with self.database.session(company_id) as session, session.begin():
                webhooks.lock_company(session, company_id)
                claims += webhook_deliveries.claim(session, company_id, webhook_id, self.policy, most - len(claims))
        return claims

    def deliver(self, claim: Claim) -> None:
        """Send a claimed message and store what came of it."""
        outcome = self._call(claim)
        company_id = claim.company_id
        with self.database.session(company_id) as session, session.begin():
            webhooks.lock_company(session, company_id)
            webhook_deliveries.end_try(session, claim, outcome)
            health = webhooks.lock_health(session, company_id, claim.webhook_id)
            if health is None:
                return
            then = after(
                outcome, health, claim.step, is_probe=claim.is_probe, now=webhook_deliveries.time(session),
                policy=self.policy, luck=random.uniform(-1, 1),
            )  # fmt: skip
            # Otherwise this process was suspended for so long that another one has sent the message again.
            if webhook_deliveries.move(session, claim, then, outcome.reason):
                webhooks.save_health(session, company_id, claim.webhook_id, then)
                if then.is_back:
                    webhook_deliveries.wake(session, company_id, claim.webhook_id)
                if then.state is not State.PENDING and claim.ticket_id is not None:
                    webhook_deliveries.promote(session, company_id, [(claim.webhook_id, claim.ticket_id)])
                if then.disabled_reason:
                    self._announce(session, claim, then)

    def give_back_lost(self) -> int:
        """Let deliveries be made again whose sender has ended without an answer; return how many were found."""
        with self.database.session() as session, session.begin():
            found = webhook_deliveries.lost(session, MAX_FOUND)
        if found:
            with self.database.session(*{company_id for company_id, _ in found}) as session, session.begin():
                webhook_deliveries.give_back(session, found)
        return len(found)

    def wait(self, seconds: float) -> None:
        """Wait until a call ends, which makes room for the next one and may make it due."""
        self._ended.wait(seconds)
        self._ended.clear()

    def join(self, seconds: float) -> None:
        """Wait for calls in progress; what goes on for longer is sent again."""
        deadline = time.monotonic() + seconds
        for thread in list(self._running):
            thread.join(max(deadline - time.monotonic(), 0.0))

    def _run(self, claim: Claim) -> None:
        try:
            self.deliver(claim)
        except Exception as error:
            # The claim ends by itself, and the message is sent again with the same id.
            log.warning("delivery of a webhook failed", webhook=claim.webhook_id, error=type(error).__name__)
        finally:
            self._slots.release()
            self._running.discard(current_thread())
            self._ended.set()

    def _call(self, claim: Claim) -> Outcome:
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
        # Several messages under way may each find the receiver gone; they share the first failure, and so one notice.
        cause = f"webhook:{webhook_id}:off:{then.health.failing_since:%Y%m%dT%H%M%S.%f}"
        audience = {each.user_id: Kind.MESSAGE for each in admins}
        notify(session, [Occasion(company_id, None, cause, audience, facts)], self.message_ids)


def run_webhooks(sender: WebhookSender, stopping: Flag) -> None:
    """Deliver until `stopping` is set."""
    next_look_for_lost = 0.0
    while not stopping.is_set():
        try:
            if time.monotonic() >= next_look_for_lost:
                sender.give_back_lost()
                next_look_for_lost = time.monotonic() + INTERVAL_SECONDS
            sender.send_due()
        except Exception as error:
            # The next turn finds what is due again; a database that is down is in the checks of /ready.
            log.warning("look for due webhooks failed", error=type(error).__name__)
        sender.wait(INTERVAL_SECONDS * random.uniform(0.8, 1.2))
    sender.join(STOP_SECONDS)
