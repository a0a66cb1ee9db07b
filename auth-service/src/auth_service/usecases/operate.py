"""The operator's part: whoever may start the system may add people and let them in, without an account of their own."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

from service_kit.database.engine import Database
from service_kit.telemetry.cause import Cause

from auth_service.adapters.passwords import PasswordHasher
from auth_service.domain.user import User, UserNotFound
from auth_service.store import users
from auth_service.usecases.change_companies import lock_company
from auth_service.usecases.change_users import NewUser, insert_user

PAGE_ROWS = 100


@dataclass(frozen=True)
class Operator:
    """Acts in the operator's company, on the machine where the database's password lies."""

    database: Database
    passwords: PasswordHasher
    company_id: int

    def add_user(self, *, email: str, email_key: bytes, username: str, role: str, password: str | None) -> User:
        """Add a user and publish `user.created`; without a password the user can't log in until one is set.

        Raises BadPassword, EmailTaken, UsernameTaken.
        """
        password_hash = None if password is None else self.passwords.hash(password)
        new = NewUser(email=email, email_key=email_key, username=username, password_hash=password_hash)
        cause = Cause(uuid4().hex)
        with self.database.session(self.company_id) as session, session.begin():
            lock_company(session, self.company_id, cause)
            return insert_user(session, self.company_id, new, role, cause)

    def find_user(self, email_key: bytes) -> User:
        """Return the company's user with that address; raise UserNotFound."""
        with self.database.session(self.company_id) as session:
            place = users.find_company(session, email_key)
            found = users.find(session, *place) if place is not None and place[0] == self.company_id else None
        if found is None:
            raise UserNotFound
        return found

    def users(self) -> Iterator[User]:
        """Yield the company's users, the oldest first."""
        after = 0
        while True:
            with self.database.session(self.company_id) as session:
                rows = users.page(session, self.company_id, after=after, limit=PAGE_ROWS)
            yield from rows
            if len(rows) < PAGE_ROWS:
                return
            after = rows[-1].id
