"""The operator adds people, lets them in again and deletes companies, without an account.

The database's password is proof enough.
"""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from company_kit.actor import SYSTEM
from flask import Response
from service_kit.database.engine import Database
from service_kit.http.idempotency import IdempotencyKey
from service_kit.http.precondition import Precondition
from service_kit.telemetry.cause import Cause

from auth_service.adapters.passwords import PasswordHasher
from auth_service.domain.api_key import MAX_DAYS
from auth_service.domain.company import ListedCompany
from auth_service.domain.company_deletion import CompanyDeletion, Deleter
from auth_service.domain.password_reset import ResetLink
from auth_service.domain.user import ADMIN, AGENT, AdminNeeded, User, UserNotFound
from auth_service.store import api_keys, companies, company_deletions, revocations, users
from auth_service.usecases.announce import announce_company
from auth_service.usecases.api_keys import make_api_key
from auth_service.usecases.change_companies import lock_company
from auth_service.usecases.change_password import make_reset_link
from auth_service.usecases.change_users import NewUser, insert_user, publish_change
from auth_service.usecases.delete_company import delete_company

PAGE_ROWS = 100
KEY_NAME = "Command line"
CREATED_BY = "operator"


@dataclass(frozen=True)
class Operator:
    """Acts in the operator's company and on companies as a whole, where the database's password lies."""

    database: Database
    passwords: PasswordHasher
    company_id: int
    issuer: str
    """The address at which people reach the system, or a name."""
    scopes: frozenset[str]
    """All scopes that an API key may have."""

    def companies(self) -> Iterator[ListedCompany]:
        """Yield all companies of the system but for deleted ones, in the order of their ids."""
        ids = self.database.companies()
        for first in range(0, len(ids), PAGE_ROWS):
            with self.database.session(*ids[first : first + PAGE_ROWS]) as session:
                yield from companies.listed(session)

    def announce(self, company: ListedCompany) -> int:
        """Announce a company, its teams and its people to the other services; return how many people it has."""
        return announce_company(self.database, company.company_id)

    def delete_company(self, company: ListedCompany) -> None:
        """Delete a company; raise CompanyNotFound, OperatorCompany, or WrongName where it has another name now."""
        with self.database.session(company.company_id) as session:
            delete_company(
                session,
                company.company_id,
                name=company.name,
                operator_company_id=self.company_id,
                by=Deleter(SYSTEM, CREATED_BY, socket.gethostname()),
                cause=Cause(uuid4().hex),
                precondition=Precondition(lambda _company: "", None),
            )

    def deleted_companies(self) -> list[CompanyDeletion]:
        """Return the deleted companies with who deleted them, the oldest first."""
        with self.database.session() as session:
            return company_deletions.listed(session)

    def add_user(self, *, email: str, email_key: bytes, username: str, role: str, password: str | None) -> User:
        """Add a user and publish `user.created`; without a password the user can't log in until one is set.

        The operator vouches for the address. Raises BadPassword, EmailTaken, UsernameTaken.
        """
        password_hash = None if password is None else self.passwords.hash(password, personal=(email, username))
        new = NewUser(email=email, email_key=email_key, username=username, password_hash=password_hash)
        cause = Cause(uuid4().hex)
        with self.database.session(self.company_id) as session, session.begin():
            lock_company(session, self.company_id, cause)
            return insert_user(session, self.company_id, new, role, cause, is_proved=True)

    def role_of_new(self, wanted: str | None) -> str:
        """Return the role of a person to add: `wanted`, else admin where the company has none, else agent.

        Raises AdminNeeded for another role than admin while the company has no active admin.
        """
        with self.database.session(self.company_id) as session:
            has_admin = users.active_admins(session, self.company_id, except_id=0) > 0
        if not has_admin and wanted not in (None, ADMIN):
            raise AdminNeeded
        return wanted or (AGENT if has_admin else ADMIN)

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

    def set_active(self, user: User, *, active: bool) -> bool:
        """Let a user log in, or end the user's sessions and let nobody log in; the last admin, too.

        Return whether that changes anything.
        """
        cause = Cause(uuid4().hex)
        with self.database.session(self.company_id) as session, session.begin():
            lock_company(session, self.company_id, cause)
            before = users.lock(session, self.company_id, user.id)
            if before is None or before.is_active == active:
                return False
            publish_change(session, before, users.change(session, replace(before, is_active=active)), cause)
            return True

    def reset_link(self, user: User) -> ResetLink:
        """Make a link by which a user sets a new password; raise UserInactive."""
        with self.database.session(self.company_id) as session:
            return make_reset_link(session, self.company_id, user.id, created_by=CREATED_BY, idempotency_key=_once())

    def new_key(self, user: User) -> str:
        """Make an API key of a user with every scope, in place of the user's earlier ones; return it."""
        with self.database.session(self.company_id) as session:
            with session.begin():
                before = api_keys.revoke_all(session, self.company_id, user.id)
                revocations.add(session, self.company_id, revocations.KEY, before)
            made = make_api_key(
                session,
                self.company_id,
                user.id,
                name=KEY_NAME,
                scopes=self.scopes,
                known_scopes=self.scopes,
                days=MAX_DAYS,
                idempotency_key=_once(),
            )
        return made.key


def _once() -> IdempotencyKey[Any]:
    """Return the idempotency key of a command, which has none."""
    return IdempotencyKey(None, lambda _made: Response(), None)
