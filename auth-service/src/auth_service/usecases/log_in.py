"""Log a person in by address and password."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from service_kit.database.engine import Database

from auth_service.adapters.passwords import HashingBusy, PasswordHasher
from auth_service.domain import password as rules
from auth_service.domain.device import DeviceTokens
from auth_service.domain.guard import Decision, GuardKeys, Kind
from auth_service.store import users
from auth_service.usecases.begin_session import Client, SignedIn, begin_session
from auth_service.usecases.guard_tries import Guard, TooManyTries


class LoginRefused(Exception):
    """The address, the password or the account is wrong; which of them, nobody is told."""

    def __init__(self) -> None:
        super().__init__("E-mail address or password is wrong.")


@dataclass(frozen=True)
class Attempt:
    """One try to log in."""

    email_key: bytes
    """The digest of the normalised address; of a text that is no address, a digest that no user has."""
    password: str = field(repr=False)
    client: Client
    device_token: str | None = field(default=None, repr=False)
    """The token of an earlier login from the same device."""


@dataclass(frozen=True)
class LoggedIn:
    """A person with a session, and the token by which this device is known from now on."""

    signed_in: SignedIn
    device_token: str


@dataclass(frozen=True)
class Login:
    """Checks logins. Its transactions end before a password is hashed and begin after it."""

    database: Database
    passwords: PasswordHasher
    guard: Guard
    guard_keys: GuardKeys
    devices: DeviceTokens

    def log_in(self, attempt: Attempt) -> LoggedIn:
        """Begin a session; raise LoginRefused, TooManyTries, HashingBusy, or BadPassword for an impossible password."""
        rules.normalized(attempt.password)
        now = datetime.now(UTC)
        device = self.devices.read(attempt.device_token, attempt.email_key, now)
        counters = self.guard_keys.of_login(attempt.email_key, attempt.client.address, device)
        self._admit(self.guard.count(counters))
        try:
            signed_in = self._check(attempt)
        except HashingBusy:
            self.guard.succeeded(counters)  # not a failure: nothing was checked
            raise
        self.guard.succeeded(counters)
        return LoggedIn(signed_in, self.devices.make(attempt.email_key, now, device=device))

    def _admit(self, decision: Decision) -> None:
        if decision.admitted:
            return
        if decision.closed == {Kind.NETWORK}:
            raise TooManyTries(decision.retry_after_seconds)
        # The same answer after the same time: whether a name is guarded says nothing about whether it exists.
        self.passwords.wait_as_if_verifying()
        raise LoginRefused

    def _check(self, attempt: Attempt) -> SignedIn:
        found = self._find(attempt.email_key)
        # Without a user the hash of no password is computed, so that the answer takes as long.
        right = self.passwords.verify(found.password_hash if found else None, attempt.password)
        if found is None or found.password_hash is None or not right or not found.user.is_active:
            raise LoginRefused
        renewed = None
        if self.passwords.needs_rehash(found.password_hash):
            renewed = self.passwords.hash(attempt.password)
        with self.database.session(found.user.company_id) as session, session.begin():
            user = users.lock(session, found.user.company_id, found.user.id)
            # The user may have changed while the password was hashed.
            if user is None or not user.is_active or user.password_version != found.user.password_version:
                raise LoginRefused
            if renewed is not None:
                users.renew_hash(session, user, renewed)
            return begin_session(session, user, attempt.client)

    def _find(self, email_key: bytes) -> users.Credentials | None:
        with self.database.session() as session:
            place = users.find_company(session, email_key)
        if place is None:
            return None
        company_id, user_id = place
        with self.database.session(company_id) as session:
            return users.credentials(session, company_id, user_id)
