"""Second factors: the form of one-time codes and recovery codes, and the proof of a finished first step."""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

RECOVERY_CODES = 10
_RECOVERY_BYTES = 10  # 80 bits: nobody guesses one, so a plain digest is enough
_CODE = re.compile(r"[0-9]{6}", re.ASCII)
_RECOVERY = re.compile(r"[A-Z2-7]{16}", re.ASCII)
_SEPARATORS = str.maketrans("", "", " -")
MAX_CODE_CHARACTERS = 40

HALF_LOGIN_LIFETIME = timedelta(minutes=5)
HALF_LOGIN_PREFIX = "sth_"


class SecondFactorError(Exception):
    """A second factor can't be set up or checked as requested; the message explains it to the caller."""


class SecondFactorActive(SecondFactorError):
    """The person has a confirmed second factor already."""


class SecondFactorMissing(SecondFactorError):
    """The person has no second factor that is waiting for confirmation, or none at all."""


class WrongCode(SecondFactorError):
    """The one-time code or recovery code is wrong, used or too old."""

    def __init__(self) -> None:
        super().__init__("The code is wrong or was used before.")


class CodeNotAccepted(WrongCode):
    """The code by which a person who is signed in confirms a change is wrong; `errors` names the field."""

    def __init__(self) -> None:
        super().__init__()
        self.errors = [{"field": "code", "message": "Wrong, or used before."}]


@dataclass(frozen=True)
class SecondFactor:
    """A person's second factor as stored. Before its confirmation it protects nothing."""

    secret_sealed: bytes
    confirmed_at: datetime | None
    last_step: int
    recovery_codes_left: int


def one_time_code(text: str) -> str | None:
    """Return the six digits of a one-time code, typed with or without a blank; None for another text."""
    compact = text[:MAX_CODE_CHARACTERS].translate(_SEPARATORS)
    return compact if _CODE.fullmatch(compact) else None


def recovery_digest(text: str) -> bytes | None:
    """Return the digest of a recovery code, in any case and with or without hyphens; None for another text."""
    compact = text[:MAX_CODE_CHARACTERS].translate(_SEPARATORS).upper()
    return hashlib.sha256(compact.encode()).digest() if _RECOVERY.fullmatch(compact) else None


def new_recovery_codes() -> list[str]:
    """Return ten recovery codes such as `ABCD-EFGH-IJKL-MNOP`; each works once."""
    return [_grouped(base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode()) for _ in range(RECOVERY_CODES)]


@dataclass(frozen=True)
class HalfLogin:
    """A person whose password was right and who still owes the second factor."""

    company_id: int
    user_id: int
    password_version: int
    expires_at: datetime
    id: str
    """Random: each half-login begins one session at most."""


def half_login_of(company_id: int, user_id: int, password_version: int, now: datetime) -> HalfLogin:
    """Return a new half-done login that can be finished within five minutes."""
    return HalfLogin(company_id, user_id, password_version, now + HALF_LOGIN_LIFETIME, secrets.token_urlsafe(16))


class HalfLogins:
    """Makes and reads half-login tokens: proofs of a right password, worth nothing without the second factor."""

    def __init__(self, secret: bytes) -> None:
        """`secret` is the service's secret of 32 bytes; the key for tokens is derived from it."""
        self._secret = hmac.digest(secret, b"smart-ticket half login", hashlib.sha256)

    def make(self, half: HalfLogin) -> str:
        """Return a token that is valid until it is used or expires or the password changes."""
        expires = int(half.expires_at.timestamp())
        content = f"{half.company_id}.{half.user_id}.{half.password_version}.{expires}.{half.id}"
        return f"{HALF_LOGIN_PREFIX}{content}.{self._digest(content)}"

    def read(self, token: str, now: datetime) -> HalfLogin | None:
        """Return the half-done login of a token, None for an expired or forged one."""
        content, _, digest = token[:300].removeprefix(HALF_LOGIN_PREFIX).rpartition(".")
        if not token.startswith(HALF_LOGIN_PREFIX) or not token.isascii():
            return None
        if not hmac.compare_digest(digest, self._digest(content)):
            return None
        *numbers, identity = content.split(".")
        if len(numbers) != 4:  # of an earlier release
            return None
        company_id, user_id, password_version, expires = map(int, numbers)
        half = HalfLogin(company_id, user_id, password_version, datetime.fromtimestamp(expires, UTC), identity)
        return half if now < half.expires_at else None

    def _digest(self, content: str) -> str:
        raw = hmac.digest(self._secret, content.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _grouped(code: str) -> str:
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
