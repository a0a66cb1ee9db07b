"""Which ticket a mail answers: by the reply address that it is sent to, by Message-IDs, by a number in its subject.

Reply addresses and root ids are signed, with the company among what is signed: nobody without the key can make one,
and one of another company proves nothing.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

MAX_LOCAL_CHARACTERS = 64
MAC_CHARACTERS = 16
"""80 bits in base32."""
MAX_REFERENCES = 50
MAX_ID_CHARACTERS = 500
NOBODY = 0
_TAG = re.compile(
    rf"(?P<local>[^@+]+)\+t(?P<ticket>[1-9][0-9]{{0,17}})-(?P<user>[0-9]{{1,18}})(?P<note>n?)"
    rf"\.(?P<mac>[a-z2-7]{{{MAC_CHARACTERS}}})@(?P<domain>[^@]+)"
)
_ROOT = re.compile(rf"t(?P<ticket>[1-9][0-9]{{0,17}})\.(?P<mac>[a-z2-7]{{{MAC_CHARACTERS}}})@.+")
_ID = re.compile(r"<([^<>\s]+)>")
_SUBJECT_NUMBER = re.compile(r"\[#([1-9][0-9]{0,17})\]")


@dataclass(frozen=True)
class Proof:
    """A ticket that a mail proves to answer; `user_id` is the person whose reply address it used, NOBODY without."""

    ticket_id: int
    user_id: int = NOBODY
    internal: bool = False
    """It answers a mail about an internal note."""


@dataclass(frozen=True)
class ReplyTags:
    """Makes and verifies reply addresses and root ids."""

    key: bytes

    def reply_address(
        self, mailbox: str, company_id: int, ticket_id: int, user_id: int, *, internal: bool = False
    ) -> str | None:
        """Return the address for a person's answers about a ticket, None where the mailbox's name is too long.

        Answers to an internal note have an address of their own, so that they are internal whatever else they refer to.
        """
        local, _, domain = mailbox.rpartition("@")
        purpose, mark = ("note", "n") if internal else ("reply", "")
        tagged = f"{local}+t{ticket_id}-{user_id}{mark}.{self._mac(purpose, company_id, ticket_id, user_id)}"
        return f"{tagged}@{domain}" if len(tagged) <= MAX_LOCAL_CHARACTERS else None

    def root_id(self, company_id: int, ticket_id: int, domain: str) -> str:
        """Return the Message-ID that all mails about a ticket refer to, so that programs show them as one thread."""
        return f"<t{ticket_id}.{self._mac('root', company_id, ticket_id, NOBODY)}@{domain}>"

    def proof(self, company_id: int, recipients: Iterable[str], references: Iterable[str]) -> Proof | None:
        """Return the ticket that the first valid reply address names, else the newest valid root id; None without."""
        for address in recipients:
            if found := _TAG.fullmatch(address.lower()):
                ticket_id, user_id = int(found["ticket"]), int(found["user"])
                purpose = "note" if found["note"] else "reply"
                if hmac.compare_digest(self._mac(purpose, company_id, ticket_id, user_id), found["mac"]):
                    return Proof(ticket_id, user_id, internal=purpose == "note")
        for reference in references:
            if found := _ROOT.fullmatch(reference.lower()):
                ticket_id = int(found["ticket"])
                if hmac.compare_digest(self._mac("root", company_id, ticket_id, NOBODY), found["mac"]):
                    return Proof(ticket_id)
        return None

    def _mac(self, purpose: str, company_id: int, ticket_id: int, user_id: int) -> str:
        content = f"{purpose}\n{company_id}\n{ticket_id}\n{user_id}".encode()
        digest = hmac.digest(self.key, content, hashlib.sha256)
        return base64.b32encode(digest).decode().lower()[:MAC_CHARACTERS]


def mailbox_address(address: str) -> str:
    """Return a recipient's mailbox: the address in lower case, without a tag after `+`."""
    local, at, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def message_ids(*headers: str) -> tuple[str, ...]:
    """Return the Message-IDs in headers, without brackets and doubles; those of the last header's end come first."""
    found: dict[str, None] = {}
    for header in headers:
        for each in reversed(_ID.findall(header)):
            if len(each) <= MAX_ID_CHARACTERS:
                found.setdefault(each)
    return tuple(found)[:MAX_REFERENCES]


def subject_number(subject: str) -> int | None:
    """Return the ticket that a subject names, such as `[#42]`; None without one."""
    found = _SUBJECT_NUMBER.search(subject)
    return int(found[1]) if found else None
