"""Read the mails that have arrived and publish what they say, in every worker, until it stops.

Mails are claimed in one transaction, read outside of any by processes with limits, and concluded in another one,
together with their events. A process that ends in between leaves the mails as they were: another one reads them.
"""

import random
import time
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event as Flag

from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger

from notification_service.domain.inbound import BATCH, MAX_ATTEMPTS, MAX_BATCH_SECONDS, READERS, Waiting, next_batch
from notification_service.domain.mail.message import ReadingInterrupted, Unreadable
from notification_service.domain.mail.read_mail import Reading
from notification_service.domain.mail.threads import ReplyTags
from notification_service.ports import MailReader
from notification_service.store import mail_reading, mailboxes
from notification_service.store.mail_reading import Claim
from notification_service.usecases.conclude_mails import Conclusions

INTERVAL_SECONDS = 1.0

log = get_logger(__name__)


@dataclass(frozen=True)
class Intake:
    """The tools for reading mails."""

    database: Database
    reader: MailReader
    tags: ReplyTags
    sender: str
    """The address that this system sends from, '' where it sends none."""
    automatic_per_hour: int
    batch: int = BATCH
    """How many mails are taken together."""
    readers: int = READERS
    """How many of them are read at the same time."""


def take_next(intake: Intake) -> bool:
    """Take the next mails that wait; return whether there were any."""
    with intake.database.session() as session, session.begin():
        # More than this process takes: others may have claimed some when it does.
        found = mail_reading.waiting(session, 2 * intake.batch)
    batch = next_batch(found, tried_first=random.random() < 0.5)
    if not batch:
        return False
    claims, own = _claim(intake, batch)
    if not claims:
        return False
    began = time.monotonic()

    def read(claim: Claim) -> Reading | Unreadable | None:
        if time.monotonic() - began > MAX_BATCH_SECONDS:
            return None
        return _read(intake, claim, own[claim.company_id] | {claim.mailbox})

    if len(claims) == 1:
        results = [read(claims[0])]
    else:
        with ThreadPoolExecutor(intake.readers) as pool:
            results = list(pool.map(read, claims))
    _conclude(intake, list(zip(claims, results, strict=True)))
    return True


def run_intake(intake: Intake, stopping: Flag) -> None:
    """Take mails until `stopping` is set."""
    while not stopping.wait(INTERVAL_SECONDS * random.uniform(0.8, 1.2)):
        try:
            while take_next(intake) and not stopping.is_set():
                pass
        except Exception as error:
            # The next turn finds the mails again after their claims; a database that is down is in /ready.
            log.warning("the reading of mails failed", error=type(error).__name__)


def _claim(intake: Intake, batch: Sequence[Waiting]) -> tuple[list[Claim], dict[int, set[str]]]:
    """Return the mails that this process has claimed, and the addresses that each company's mails go out from."""
    companies = {each.company_id for each in batch}
    with intake.database.session(*companies) as session, session.begin():
        claims = mail_reading.claim(session, batch, intake.batch)
        return claims, {
            company_id: {*mailboxes.addresses(session, company_id), intake.sender.lower()} - {""}
            for company_id in {each.company_id for each in claims}
        }


def _read(intake: Intake, claim: Claim, own: Collection[str]) -> Reading | Unreadable:
    if claim.attempts > MAX_ATTEMPTS:
        return Unreadable("the process that read it has ended each time")
    try:
        return intake.reader.read(claim.content, own)
    except Unreadable as error:
        return error


def _conclude(intake: Intake, results: Sequence[tuple[Claim, Reading | Unreadable | None]]) -> None:
    """Store what becomes of mails in one transaction, or in one for each of them where that fails."""
    # Mails whose processes were killed keep their claims: they are taken alone when those have ended.
    read = [each for each in results if each[1] is not None and not isinstance(each[1], ReadingInterrupted)]
    left = [claim for claim, result in results if result is None]
    conclusions = Conclusions(intake.tags, intake.automatic_per_hour)
    try:
        with intake.database.session(*{claim.company_id for claim, _ in results}) as session, session.begin():
            if left:
                mail_reading.give_back(session, left)
            conclusions.store(session, read)
    except Exception as error:
        if len(read) < 2:
            raise
        log.warning("mails can't be concluded together", error=type(error).__name__)
        for each in read:
            try:
                with intake.database.session(each[0].company_id) as session, session.begin():
                    conclusions.store(session, [each])
            except Exception as failure:
                log.warning("a mail can't be concluded", mail_id=each[0].id, error=type(failure).__name__)
