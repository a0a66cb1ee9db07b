"""Mails about accounts: links that people ask for, and notices. They are mail alone, and nobody switches them off."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from notification_service.domain.company_name import shown_name
from notification_service.domain.kinds import Words
from notification_service.domain.texts import one_line

FOOTER = "This mail is about an account. No preference changes it."


class AccountMail(StrEnum):
    """The reason of a mail about an account. The app shows none of them."""

    PASSWORD_RESET = "password_reset"  # noqa: S105 - a kind, not a secret
    EMAIL_VERIFICATION = "email_verification"
    EMAIL_CHANGED = "email_changed"
    INVITATION = "invitation"


NO_USER = 0
"""Stands for the person of an invited address, who has no account yet."""


@dataclass(frozen=True)
class Link:
    """A link's token, made right before its mail is sent, and the only address that the mail may go to."""

    token: str = field(repr=False)
    email: str
    expires_at: datetime


class NoLink(Exception):
    """There is no link to make any more; the reason is for people."""


class LinksDown(Exception):
    """No link can be made now; the reason is for people."""


@dataclass(frozen=True)
class _Use:
    """How a link is asked for and used."""

    subject: str
    asked: str
    path: str
    action: str
    fields: str


_USES = {
    AccountMail.PASSWORD_RESET: _Use(
        "Your new password",
        "Somebody, probably you, has asked for a new password for the account of this address.",
        "/api/auth/password/reset",
        "set a new password",
        "token, new_password",
    ),
    AccountMail.EMAIL_VERIFICATION: _Use(
        "Confirm your address",
        "Somebody, probably you, has asked to have this address for an account.",
        "/api/auth/email/confirm",
        "confirm the address",
        "token",
    ),
    AccountMail.INVITATION: _Use(
        'Invitation to the help desk of "{company}"',
        'You are invited to the help desk of "{company}", as {role}. {inviter}',
        "/api/auth/register",
        "join",
        "invitation, email, username, password",
    ),
}


def is_account_mail(kind: str) -> bool:
    """Return whether a kind is one of mails about accounts."""
    return kind in set(AccountMail)


def words_of_link(kind: AccountMail, link: Link, public_url: str, facts: Mapping[str, Any]) -> Words:
    """Return the texts of a mail with a link; without a public address the token alone stands in it."""
    use = _USES[kind]
    words = _words_of_invitation(facts) if kind is AccountMail.INVITATION else {}
    subject, asked = (text.format_map(words) for text in (use.subject, use.asked))
    by_token = f"To {use.action}, send this token to POST {use.path} ({use.fields}):\n{link.token}"
    if public_url:
        by_token = f"Link:\n{public_url}{use.path}?token={link.token}\n\n{by_token}"
    message = (
        f"{asked}\n\n{by_token}\n\n"
        f"It works once, until {link.expires_at:%Y-%m-%d %H:%M %Z}. A newer mail replaces it.\n\n"
        "If it wasn't you, ignore this mail: nothing changes."
    )
    return Words(" ".join(one_line(subject).split()), message)


def _words_of_invitation(facts: Mapping[str, Any]) -> Mapping[str, str]:
    email = facts.get("inviter_email")
    inviter = (
        f"The invitation comes from {email}, who has confirmed that address."
        if email
        else "The inviter has confirmed no address."
    )
    words = f"{inviter} The company chose its name itself; nobody has checked it."
    return {"company": shown_name(facts["company_name"]), "role": facts["role"], "inviter": words}


def words_of_notice(facts: Mapping[str, Any]) -> Words:
    """Return the texts by which the old address hears of the new one."""
    message = (
        f"The account of this address has another one now: {facts['new_email']}. It was changed at"
        f" {facts['changed_at']}, and this address no longer signs in.\n\n"
        "If it wasn't you, tell an admin of your company at once."
    )
    return Words("Your address was changed", message)
