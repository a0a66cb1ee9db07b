"""Read the IMAP mailboxes that are due, in every worker, until it stops.

One reader per mailbox, by a lease. Each mail is stored together with its number in one transaction: a reader that is
killed reads on at the next mail. Nothing is changed in the mailbox.
"""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Event as Flag
from uuid import UUID, uuid4

from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger

from notification_service.domain.mailbox import IMAP_PORT, Mailbox, Security
from notification_service.metrics import MailMetrics
from notification_service.ports import ImapServer, MailboxReader, MailFolder, MailServerDown
from notification_service.store import inbound_mails, mailbox_reading
from notification_service.store.inbound_mails import NewMail
from notification_service.usecases.mailboxes import Mailboxes

INTERVAL_SECONDS = 1.0
MAX_FOUND = 20
MAX_MAILS_PER_TURN = 100
FAULT_FACTOR = 4
"""A mailbox that can't be read waits this many times as long as one that can."""
OVERLAP = timedelta(days=2)
"""Where the numbers of a mailbox have changed, the mails of so long before the last reading are read again."""

log = get_logger(__name__)


@dataclass(frozen=True)
class MailboxTools:
    """The tools for reading mailboxes."""

    database: Database
    known: Mailboxes
    reader: MailboxReader
    metrics: MailMetrics
    max_bytes: int
    interval_seconds: float
    """How long a mailbox waits between two readings."""


def read_next(tools: MailboxTools, stopping: Flag | None = None) -> bool:
    """Read the next mailbox that is due; return whether there was one."""
    database, token = tools.database, uuid4()
    with database.session() as session, session.begin():
        found = mailbox_reading.due(session, MAX_FOUND)
    if not found:
        return False
    with database.session(*{company_id for company_id, _ in found}) as session, session.begin():
        mailbox = mailbox_reading.lease(session, found, token)
    if mailbox is None:
        return False
    fault, pause = "", tools.interval_seconds
    try:
        with tools.reader.open(_server(tools.known, mailbox)) as folder:
            if _read(tools, mailbox, token, folder, stopping or Flag()):
                pause = 0.0
    except MailServerDown as error:
        fault, pause = str(error), tools.interval_seconds * FAULT_FACTOR
    with database.session(mailbox.company_id) as session, session.begin():
        mailbox_reading.release(session, mailbox, token, fault=fault, pause_seconds=pause)
    return True


def run_mailboxes(tools: MailboxTools, stopping: Flag) -> None:
    """Read mailboxes until `stopping` is set."""
    while not stopping.wait(INTERVAL_SECONDS * random.uniform(0.8, 1.2)):
        try:
            while not stopping.is_set() and read_next(tools, stopping):
                pass
        except Exception as error:
            # The next turn finds the mailbox again after its lease; a database that is down is in /ready.
            log.warning("the reading of mailboxes failed", error=type(error).__name__)


def _server(known: Mailboxes, mailbox: Mailbox) -> ImapServer:
    password = known.secret(mailbox)
    if password is None:
        raise MailServerDown("the password can't be read: the key of the service has changed; enter it again")
    return ImapServer(
        mailbox.host or "",
        mailbox.port or IMAP_PORT,
        mailbox.username or "",
        password,
        mailbox.folder or "INBOX",
        Security(mailbox.security or Security.TLS),
    )


def _read(tools: MailboxTools, mailbox: Mailbox, token: UUID, folder: MailFolder, stopping: Flag) -> bool:
    """Store the new mails of a folder; return whether there may be more."""
    last = _start(mailbox, folder)
    if not _advance(tools, mailbox, token, folder, last):
        return False
    uids = folder.after(last)
    for uid in uids[:MAX_MAILS_PER_TURN]:
        if stopping.is_set() or not _store(tools, mailbox, token, folder, uid):
            return False
    return len(uids) > MAX_MAILS_PER_TURN


def _start(mailbox: Mailbox, folder: MailFolder) -> int:
    """Return the number after which mails are new.

    Mails that were there before the mailbox was added stay there. Where the server has numbered all mails anew, those
    of the last days are read again; those that are known are stored once.
    """
    if mailbox.uid_validity == folder.uid_validity and mailbox.last_uid is not None:
        return mailbox.last_uid
    if mailbox.uid_validity is None or mailbox.read_at is None:
        return max(folder.uid_next - 1, 0)
    lately = folder.since((min(mailbox.read_at, datetime.now(UTC)) - OVERLAP).date())
    return (min(lately) if lately else folder.uid_next) - 1


def _store(tools: MailboxTools, mailbox: Mailbox, token: UUID, folder: MailFolder, uid: int) -> bool:
    """Store one mail; return False where another reader has the mailbox now."""
    size = folder.size(uid)
    is_too_large = size is not None and size > tools.max_bytes
    content = None if size is None or is_too_large else folder.content(uid)
    name = _name(folder, uid, size) if size is not None and is_too_large else b""
    request_id = f"imap-{uuid4()}"
    with tools.database.session(mailbox.company_id) as session, session.begin():
        if not mailbox_reading.advance(session, mailbox, token, folder.uid_validity, uid):
            return False
        if is_too_large:
            new = NewMail(mailbox.company_id, mailbox.address, name, "", request_id)
            inbound_mails.add_parked(session, new, f"it has {size} bytes, more than {tools.max_bytes}")
        elif content is not None:
            inbound_mails.add(session, NewMail(mailbox.company_id, mailbox.address, content, "", request_id))
    if content is not None:
        tools.metrics.count_stored(mailbox.provider)
    return True


def _name(folder: MailFolder, uid: int, size: int) -> bytes:
    """Return what names a mail that isn't fetched, also where the server numbers its mails anew."""
    headers = folder.headers(uid)
    # A digest: headers would be read as a mail without a text, if somebody had the parked mail read again.
    return f"{size}:{sha256(headers).hexdigest()}".encode() if headers else f"{folder.uid_validity}:{uid}".encode()


def _advance(tools: MailboxTools, mailbox: Mailbox, token: UUID, folder: MailFolder, uid: int) -> bool:
    with tools.database.session(mailbox.company_id) as session, session.begin():
        return mailbox_reading.advance(session, mailbox, token, folder.uid_validity, uid)
