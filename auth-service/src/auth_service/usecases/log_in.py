"""Log a person in by address and password, and by a second factor where the person has one."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from service_kit.database.engine import Database

from auth_service.adapters.passwords import PasswordHasher
from auth_service.domain import password as rules
from auth_service.domain.device import DeviceTokens
from auth_service.domain.guard import Decision, GuardKeys, Kind
from auth_service.domain.second_factor import HalfLogin, HalfLogins, WrongCode, half_login_of
from auth_service.domain.user import User
from auth_service.store import half_logins, users
from auth_service.usecases.begin_session import Client, SignedIn, begin_session
from auth_service.usecases.guard_tries import Guard, TooManyTries
from auth_service.usecases.record_failure import record_failed_login
from auth_service.usecases.second_factors import SecondFactors

NOBODY = (1, 0)
"""A company and a user's id that no user has: ids begin at 1."""


class LoginRefused(Exception):
    """The address, the password or the account is wrong; no answer reveals which."""

    def __init__(self) -> None:
        super().__init__("E-mail address or password is wrong.")


class HalfLoginRefused(Exception):
    """The proof of a right password is forged, used, too old, or the account has changed since."""

    def __init__(self) -> None:
        super().__init__("Log in again with e-mail address and password.")


class SecondFactorNeeded(Exception):
    """The password is right; a code is still needed. `half_login_token` proves the first part for five minutes."""

    def __init__(self, half_login_token: str) -> None:
        super().__init__("A code of the second factor is needed.")
        self.half_login_token = half_login_token


@dataclass(frozen=True)
class Attempt:
    """One try to log in."""

    email_key: bytes
    """The digest of the normalised address; of a text that is no address, a digest that no user has."""
    password: str = field(repr=False)
    client: Client
    device_token: str | None = field(default=None, repr=False)
    """The token of an earlier login from the same device."""
    code: str | None = field(default=None, repr=False)
    """A one-time code or recovery code."""


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
    second_factors: SecondFactors
    half_logins: HalfLogins

    def log_in(self, attempt: Attempt) -> LoggedIn:
        """Begin a session.

        Raises LoginRefused, TooManyTries, HashingBusy, BadPassword for an impossible password, and, only where the
        password is right, SecondFactorNeeded and WrongCode.
        """
        rules.normalized(attempt.password)
        now = datetime.now(UTC)
        device = self.devices.read(attempt.device_token, attempt.email_key, now)
        counters = self.guard_keys.of_login(attempt.email_key, attempt.client.address, device)
        with self.guard.bulkhead.slot():
            self._admit(self.guard.count(counters))
            # A right password is no guess, whatever follows from it.
            with self.guard.settled(counters, unless=(SecondFactorNeeded, WrongCode, TooManyTries)):
                found = self._check_password(attempt)
                self._check_second_factor(found.user, attempt.code, now)
                signed_in = self._begin(found.user, attempt.client, self._renewed_hash(found, attempt.password))
        return LoggedIn(signed_in, self.devices.make(attempt.email_key, now, device=device))

    def finish(self, half_login_token: str, code: str, client: Client, device_token: str | None) -> LoggedIn:
        """Begin a session of a person whose password was right a moment ago; a half-login begins one at most.

        Raises HalfLoginRefused, WrongCode, TooManyTries.
        """
        now = datetime.now(UTC)
        half = self.half_logins.read(half_login_token, now)
        if half is None:
            raise HalfLoginRefused
        with self.database.session(half.company_id) as session:
            user = users.find(session, half.company_id, half.user_id)
            email_key = users.email_key(session, half.company_id, half.user_id)
            is_used = half_logins.is_used(session, half)
        if user is None or email_key is None or not user.is_active or user.password_version != half.password_version:
            raise HalfLoginRefused
        if is_used:
            raise HalfLoginRefused
        self._check_code(user, code)
        signed_in = self._begin(user, client, half=half)
        device = self.devices.read(device_token, email_key, now)
        return LoggedIn(signed_in, self.devices.make(email_key, now, device=device))

    def _admit(self, decision: Decision) -> None:
        if decision.admitted:
            return
        if decision.closed == {Kind.NETWORK}:
            raise TooManyTries(decision.retry_after_seconds)
        # The same answer after the same time: whether a name is guarded says nothing about whether it exists.
        self.passwords.wait_as_if_verifying()
        raise LoginRefused

    def _check_password(self, attempt: Attempt) -> users.Credentials:
        found = self._find(attempt.email_key)
        # Without a user the hash of no password is computed, so that the answer takes as long.
        right = self.passwords.verify(found.password_hash if found else None, attempt.password)
        if found is None:
            raise LoginRefused
        if not right or not found.user.is_active:
            wrong = "account" if right else "password"
            record_failed_login(self.database, found.user.company_id, found.user.id, wrong)
            raise LoginRefused
        return found

    def _check_second_factor(self, user: User, code: str | None, now: datetime) -> None:
        if not self.second_factors.needed(user):
            return
        if code is None:
            half = half_login_of(user.company_id, user.id, user.password_version, now)
            raise SecondFactorNeeded(self.half_logins.make(half))
        self._check_code(user, code)

    def _check_code(self, user: User, code: str) -> None:
        try:
            self.second_factors.check(user, code)
        except WrongCode:
            record_failed_login(self.database, user.company_id, user.id, "code")
            raise

    def _renewed_hash(self, found: users.Credentials, password: str) -> str | None:
        """Return a hash with today's parameters where the stored one has others."""
        if found.password_hash is None or not self.passwords.needs_rehash(found.password_hash):
            return None
        return self.passwords.rehash(password)

    def _begin(
        self, checked: User, client: Client, renewed_hash: str | None = None, half: HalfLogin | None = None
    ) -> SignedIn:
        with self.database.session(checked.company_id) as session, session.begin():
            user = users.lock(session, checked.company_id, checked.id)
            # The user may have changed while the password was hashed.
            if user is None or not user.is_active or user.password_version != checked.password_version:
                raise LoginRefused
            if half is not None and not half_logins.use(session, half):
                raise HalfLoginRefused
            if renewed_hash is not None:
                users.renew_hash(session, user, renewed_hash)
            return begin_session(session, user, client)

    def _find(self, email_key: bytes) -> users.Credentials | None:
        with self.database.session() as session:
            place = users.find_company(session, email_key)
        # For an unknown address the same queries run and find nothing, so that the answer takes as long.
        company_id, user_id = place or NOBODY
        with self.database.session(company_id) as session:
            return users.credentials(session, company_id, user_id)
