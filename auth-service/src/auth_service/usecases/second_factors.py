"""Set up, confirm, check and remove a person's second factor."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from outbound_kit.sealing import CannotUnseal, Sealer
from service_kit.database.engine import Database
from service_kit.http.idempotency import IdempotencyKey
from service_kit.telemetry.logs import get_logger
from sqlalchemy.orm import Session

from auth_service.adapters import one_time_codes
from auth_service.domain.guard import GuardKeys
from auth_service.domain.second_factor import (
    CodeNotAccepted,
    SecondFactor,
    SecondFactorActive,
    SecondFactorMissing,
    WrongCode,
    new_recovery_codes,
    one_time_code,
    recovery_digest,
)
from auth_service.domain.user import User, UserNotFound
from auth_service.store import sessions, totp, users
from auth_service.usecases.guard_tries import Guard

PURPOSE = "second factor"
NO_TRY = (SecondFactorActive, SecondFactorMissing)

log = get_logger(__name__)


@dataclass(frozen=True)
class Setup:
    """The secret for an authenticator app, alone and as an `otpauth://` address."""

    secret: str
    uri: str


@dataclass(frozen=True)
class SecondFactors:
    """The second factors of people. Every check of a code is counted before it, whatever it is for.

    A text that can't be a code is wrong and not counted.
    """

    database: Database
    sealer: Sealer
    guard: Guard
    guard_keys: GuardKeys

    def enable(self, session: Session, user: User, idempotency_key: IdempotencyKey[Setup]) -> Setup:
        """Make a secret, in place of one that was never confirmed; raise SecondFactorActive, Replayed."""
        secret = one_time_codes.new_secret()
        setup = Setup(secret, one_time_codes.provisioning_uri(secret, user.email))
        with session.begin():
            idempotency_key.claim(session)
            if not totp.replace(session, user.company_id, user.id, self.sealer.seal(secret.encode(), PURPOSE)):
                raise SecondFactorActive("the second factor is active already; disable it first")
            idempotency_key.store(session, setup)
        return setup

    def confirm(
        self, session: Session, company_id: int, user_id: int, code: str, idempotency_key: IdempotencyKey[list[str]]
    ) -> list[str]:
        """Activate the second factor by a first code; return the recovery codes, of which only digests are stored.

        Raises SecondFactorMissing, SecondFactorActive, CodeNotAccepted, TooManyTries, Replayed.
        """
        codes = new_recovery_codes()
        with self._counted(company_id, user_id, code), session.begin():
            idempotency_key.claim(session)
            factor = totp.find(session, company_id, user_id)
            if factor is None:
                raise SecondFactorMissing("there is no second factor to confirm; enable one first")
            if factor.confirmed_at is not None:
                raise SecondFactorActive("the second factor is active already")
            if not self._use(session, company_id, user_id, factor, code):
                raise CodeNotAccepted
            digests = [digest for code in codes if (digest := recovery_digest(code)) is not None]
            if not totp.confirm(session, company_id, user_id, digests):
                raise SecondFactorActive("the second factor is active already")
            idempotency_key.store(session, codes)
        # Codes that were mistyped meanwhile were tried on a secret that its owner knows: they must not close the login.
        self.guard.forget(self.guard_keys.of_second_factor(company_id, user_id))
        return codes

    def disable(
        self, session: Session, company_id: int, user_id: int, code: str, idempotency_key: IdempotencyKey[None]
    ) -> None:
        """Remove the second factor by a code or recovery code; one that was never confirmed needs no right code.

        Raises SecondFactorMissing, CodeNotAccepted, TooManyTries, Replayed.
        """
        with self._counted(company_id, user_id, code), session.begin():
            idempotency_key.claim(session)
            factor = totp.find(session, company_id, user_id)
            if factor is None:
                raise SecondFactorMissing("there is no second factor")
            if factor.confirmed_at is not None and not self._use(session, company_id, user_id, factor, code):
                raise CodeNotAccepted
            totp.remove(session, company_id, user_id)
            idempotency_key.store(session, None)

    def remove(self, session: Session, company_id: int, user_id: int) -> None:
        """Remove the second factor of a person who has lost it, for an admin.

        Raises UserNotFound, SecondFactorMissing.
        """
        with session.begin():
            if users.find(session, company_id, user_id) is None:
                raise UserNotFound
            if not totp.remove(session, company_id, user_id):
                raise SecondFactorMissing("the user has no second factor")
        log.info("second factor removed by an admin", company_id=company_id, user_id=user_id)

    def needed(self, user: User) -> bool:
        """Return whether a right password alone doesn't let this person in."""
        with self.database.session(user.company_id) as session:
            factor = totp.find(session, user.company_id, user.id)
        return factor is not None and factor.confirmed_at is not None

    def check(self, user: User, code: str) -> None:
        """Use up a code or recovery code of a person with a confirmed second factor.

        Raises WrongCode, TooManyTries.
        """
        company_id, user_id = user.company_id, user.id
        with (
            self._counted(company_id, user_id, code),
            self.database.session(company_id) as session,
            session.begin(),
        ):
            factor = totp.find(session, company_id, user_id)
            if factor is None or factor.confirmed_at is None:
                raise WrongCode
            if not self._use(session, company_id, user_id, factor, code):
                raise WrongCode

    def _counted(self, company_id: int, user_id: int, code: str) -> AbstractContextManager[None]:
        is_recovery = recovery_digest(code) is not None
        if not is_recovery and one_time_code(code) is None:
            return nullcontext()  # a text that has the form of no code guesses none
        keys = self.guard_keys.of_second_factor(company_id, user_id, recovery=is_recovery)
        return self.guard.counted(keys, unless=NO_TRY)

    def _use(self, session: Session, company_id: int, user_id: int, factor: SecondFactor, code: str) -> bool:
        """Use up a code in the caller's transaction; return whether it is right and was unused."""
        digits = one_time_code(code)
        if digits is None:
            digest = recovery_digest(code)
            return digest is not None and totp.use_recovery_code(session, company_id, user_id, digest)
        try:
            secret = self.sealer.unseal(factor.secret_sealed, PURPOSE).decode()
        except CannotUnseal:
            # Recovery codes go on working: they are not sealed.
            log.error("second factor sealed with another AUTH_KEY_SECRET", company_id=company_id, user_id=user_id)
            return False
        step = one_time_codes.step_of(secret, digits, sessions.now(session))
        return step is not None and totp.use_step(session, company_id, user_id, factor.secret_sealed, step)
