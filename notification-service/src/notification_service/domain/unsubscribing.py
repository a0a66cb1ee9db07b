"""The signed address by which a mail program ends the digest of the person who got the mail."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

PATH = "/api/notifications/unsubscribe"
_TOKEN = re.compile(r"([1-9][0-9]{0,9})\.([1-9][0-9]{0,17})\.([A-Za-z0-9_-]{43})")


class BadToken(Exception):
    """Nobody has signed the token."""

    def __init__(self) -> None:
        super().__init__("This address to unsubscribe was never sent.")
        self.errors = [{"field": "token", "message": "Was never sent."}]


@dataclass(frozen=True)
class UnsubscribeLinks:
    """Makes and reads the tokens. They are valid for good: an old mail must still let its reader unsubscribe."""

    key: bytes
    public_url: str
    """The address at which people reach the system; '' where the operator has given none."""

    def of(self, company_id: int, user_id: int) -> str:
        """Return the address for a person, '' where the system has no public address."""
        if not self.public_url:
            return ""
        return f"{self.public_url}{PATH}?token={company_id}.{user_id}.{self._signature(company_id, user_id)}"

    def read(self, token: str) -> tuple[int, int]:
        """Return the company and the person of a token; raise BadToken."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            raise BadToken
        company_id, user_id = int(found[1]), int(found[2])
        if not hmac.compare_digest(self._signature(company_id, user_id), found[3]):
            raise BadToken
        return company_id, user_id

    def _signature(self, company_id: int, user_id: int) -> str:
        signed = hmac.new(self.key, f"digest\n{company_id}\n{user_id}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(signed).rstrip(b"=").decode()
