"""Which addresses the mails of a company may go to, and how many texts of its own it may mail in a day.

Anybody may found a company and add any address as a user. So that nobody gets unwanted mails that way, a company that
the operator doesn't trust mails only to people who have proved to receive mail at their address.
"""

from dataclasses import dataclass
from enum import StrEnum


class MailState(StrEnum):
    """The fate of the mail of a notification that a program sends."""

    QUEUED = "queued"
    NO_MAIL_SERVER = "no_mail_server"
    """The operator has set none."""
    NOT_WANTED = "not_wanted"
    """The person has switched off mails of this kind."""
    ADDRESS_NOT_CONFIRMED = "address_not_confirmed"
    """Nobody has proved to receive mail at the person's address."""
    LIMITED = "limited"
    """The company has used up its mails of the day."""


REASONS = {
    MailState.ADDRESS_NOT_CONFIRMED: (
        "address_not_confirmed: nobody has proved to receive mail at this address. The person confirms it by a mailed"
        " link: of POST /api/auth/password/forgot, of POST /api/me/email, or of an invitation."
    ),
    MailState.LIMITED: (
        "limited: the company has used up its mails with texts of its own for today (UTC). The notification is in the"
        " app; NOTIFICATION_MAILS_PER_DAY is the operator's limit."
    ),
}
"""Why a mail is suppressed, with the next step, as answers and the history show it."""


class AddressNotConfirmed(Exception):
    """A mail, and nothing else, was to be sent to an address that nobody has proved."""

    def __init__(self) -> None:
        super().__init__(REASONS[MailState.ADDRESS_NOT_CONFIRMED])


class MailsUsedUp(Exception):
    """A mail, and nothing else, was to be sent by a company that has used up its mails of the day."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(REASONS[MailState.LIMITED])
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True)
class MailRules:
    """The operator's rules of mails."""

    trusted: frozenset[int] | None
    """The companies whose mails go to every address, in any number; None for all companies."""
    mails_per_day: int
    """How many mails with texts of its own another company sends in a day."""

    def trusts(self, company_id: int) -> bool:
        """Return whether the operator trusts a company with mails to every address."""
        return self.trusted is None or company_id in self.trusted

    def may_mail(self, company_id: int, *, is_confirmed: bool) -> bool:
        """Return whether a company's mails may go to an address that is, or isn't, proved."""
        return is_confirmed or self.trusts(company_id)
