"""Check the current password of a person who is signed in: a stolen session alone must not change the account."""

from dataclasses import dataclass

from service_kit.database.engine import Database

from auth_service.adapters.passwords import PasswordHasher
from auth_service.domain.credentials import NoPassword, WrongPassword
from auth_service.domain.guard import GuardKeys
from auth_service.domain.user import User, UserNotFound
from auth_service.store import users
from auth_service.usecases.guard_tries import Guard


@dataclass(frozen=True)
class PasswordCheck:
    """Checks current passwords; each try is counted. Call it outside transactions."""

    database: Database
    passwords: PasswordHasher
    guard: Guard
    guard_keys: GuardKeys

    def check(self, company_id: int, user_id: int, password: str, *, field: str = "password") -> User:
        """Return the user whose password it is.

        Raises WrongPassword with the field, BadPassword, NoPassword, UserNotFound, TooManyTries, HashingBusy.
        """
        with self.database.session(company_id) as session:
            found = users.credentials(session, company_id, user_id)
        if found is None:
            raise UserNotFound
        if found.password_hash is None:
            raise NoPassword("this account has no password; ask for a link to set one")
        with self.guard.counted(self.guard_keys.of_password(company_id, user_id)):
            if not self.passwords.verify(found.password_hash, password, field=field):
                raise WrongPassword(field)
        return found.user
