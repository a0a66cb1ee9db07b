"""Add, change and delete a company's mailboxes."""

import base64
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from outbound_kit.sealing import CannotUnseal, Sealer
from service_kit.http.idempotency import IdempotencyKey
from service_kit.http.precondition import Precondition
from sqlalchemy.orm import Session

from notification_service.domain.hosts import NOT_PUBLIC, may_be_called
from notification_service.domain.mailbox import (
    GENERATED,
    IMAP_FIELDS,
    MAX_MAILBOXES,
    BadMailbox,
    Mailbox,
    MailboxNotFound,
    Provider,
    TooManyMailboxes,
    check,
    needs_secret_again,
    with_defaults,
)
from notification_service.store import mailboxes

SECRET_BYTES = 32
SECRET = "secret"  # noqa: S105 - a field's name


@dataclass(frozen=True)
class ShownMailbox:
    """A mailbox, with its secret where it was made just now."""

    mailbox: Mailbox
    secret: str | None = None


@dataclass(frozen=True)
class Mailboxes:
    """The mailboxes of companies. Their secrets are sealed; one that is made here is shown once."""

    sealer: Sealer
    permit: Callable[[str], bool]
    """Returns whether a mail server at a numeric address may be connected to; names are checked on connecting."""
    faults: Mapping[Provider, Callable[[str], str]] = field(default_factory=dict)
    """Functions that return what is wrong with a secret that a provider has made, '' for nothing."""
    unencrypted: bool = False
    """Whether the operator allows IMAP without encryption in some networks."""

    def get(self, session: Session, company_id: int, mailbox_id: int) -> Mailbox:
        """Return a mailbox; raise MailboxNotFound."""
        return _found(mailboxes.find(session, company_id, mailbox_id), mailbox_id)

    def add(
        self,
        session: Session,
        company_id: int,
        new: Mapping[str, Any],
        *,
        idempotency_key: IdempotencyKey[ShownMailbox],
    ) -> ShownMailbox:
        """Add a mailbox.

        Raises BadMailbox, MailboxExists, TooManyMailboxes, Replayed for a repeated Idempotency-Key.
        """
        provider = Provider(new["provider"])
        check(provider, new, secret_given=bool(new[SECRET]), unencrypted=self.unencrypted)
        self._check_host(new)
        self._check_secret(provider, new[SECRET])
        made = _new_secret(provider) if provider in GENERATED else None
        values = {name: value for name, value in new.items() if name != SECRET}
        if provider is Provider.IMAP:
            values = with_defaults(values)
        with session.begin():
            idempotency_key.claim(session)
            if mailboxes.count(session, company_id) >= MAX_MAILBOXES:
                raise TooManyMailboxes(f"a company has at most {MAX_MAILBOXES} mailboxes")
            sealed = self._seal(company_id, new["address"], made or new[SECRET])
            shown = ShownMailbox(mailboxes.add(session, company_id, {**values, "secret_sealed": sealed}), made)
            idempotency_key.store(session, shown)
        return shown

    def change(
        self,
        session: Session,
        company_id: int,
        mailbox_id: int,
        change: Mapping[str, Any],
        *,
        precondition: Precondition[Mailbox],
    ) -> ShownMailbox:
        """Change a mailbox; a `secret` of null makes another one where it is made here.

        Raises MailboxNotFound, PreconditionFailed, BadMailbox.
        """
        with session.begin():
            before = _found(mailboxes.find(session, company_id, mailbox_id, lock=True), mailbox_id)
            precondition.check(before)
            names = (*IMAP_FIELDS, "is_active")
            values = {name: change.get(name, getattr(before, name)) for name in names}
            if before.provider is Provider.IMAP:
                values = with_defaults(values)
            sealed, made = before.secret_sealed, None
            if SECRET in change:
                self._check_secret(before.provider, change[SECRET])
                made = _replacement(before.provider, change[SECRET])
                sealed = self._seal(company_id, before.address, made or change[SECRET])
            elif reason := needs_secret_again(before, values):
                raise BadMailbox(SECRET, reason)
            generated = before.provider in GENERATED
            check(before.provider, values, secret_given=not generated, unencrypted=self.unencrypted)
            self._check_host(change)
            if SECRET not in change and all(getattr(before, name) == value for name, value in values.items()):
                return ShownMailbox(before)
            after = mailboxes.change(session, before, {**values, "secret_sealed": sealed})
        return ShownMailbox(after, made)

    def remove(
        self, session: Session, company_id: int, mailbox_id: int, *, precondition: Precondition[Mailbox]
    ) -> None:
        """Delete a mailbox; raise MailboxNotFound, PreconditionFailed."""
        with session.begin():
            before = _found(mailboxes.find(session, company_id, mailbox_id, lock=True), mailbox_id)
            precondition.check(before)
            mailboxes.remove(session, before)

    def secret(self, mailbox: Mailbox) -> str | None:
        """Return a mailbox's secret, None where it was sealed by another key of this service."""
        try:
            return self.sealer.unseal(mailbox.secret_sealed, _purpose(mailbox.company_id, mailbox.address)).decode()
        except CannotUnseal:
            return None

    def _check_host(self, fields: Mapping[str, Any]) -> None:
        host = fields.get("host")
        if host and not may_be_called(host, self.permit):
            raise BadMailbox("host", NOT_PUBLIC)

    def _check_secret(self, provider: Provider, secret: str | None) -> None:
        fault_of = self.faults.get(provider)
        if secret and fault_of is not None and (fault := fault_of(secret)):
            raise BadMailbox(SECRET, fault)

    def _seal(self, company_id: int, address: str, secret: str) -> bytes:
        return self.sealer.seal(secret.encode(), _purpose(company_id, address))


def _replacement(provider: Provider, given: str | None) -> str | None:
    """Return a secret that is made here, None where the given one is stored; raise BadMailbox."""
    if provider in GENERATED:
        if given is not None:
            raise BadMailbox(SECRET, "Is made here: null makes another one.")
        return _new_secret(provider)
    if not given:
        raise BadMailbox(SECRET, "Must not be empty.")
    return None


def _new_secret(provider: Provider) -> str:
    made = secrets.token_bytes(SECRET_BYTES)
    if provider is Provider.GENERIC:
        return "whsec_" + base64.b64encode(made).decode()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def _purpose(company_id: int, address: str) -> str:
    return f"mailbox {company_id} {address}"


def _found(mailbox: Mailbox | None, mailbox_id: int) -> Mailbox:
    if mailbox is None:
        raise MailboxNotFound(mailbox_id)
    return mailbox
