"""Found a company, or join one by invitation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from eventbus.publish import outbox
from service_kit.database.engine import Database
from service_kit.http.idempotency import IdempotencyKey
from service_kit.telemetry.cause import Cause

from auth_service.domain.company import Company
from auth_service.domain.invitation import InvitationNotValid
from auth_service.domain.opaque_token import INVITATION, is_token, token_hash
from auth_service.domain.user import ADMIN, EmailTaken, User
from auth_service.events import company_created
from auth_service.store import companies, invitations, users
from auth_service.usecases.change_companies import lock_company
from auth_service.usecases.change_users import NewUser, insert_user
from auth_service.usecases.limit_taken import TakenAddresses
from auth_service.usecases.refuse_duplicate import refuse_duplicate


class RegistrationClosed(Exception):
    """Only invited people may register."""

    def __init__(self) -> None:
        super().__init__("Companies are not founded here; ask for an invitation.")


@dataclass(frozen=True)
class Registered:
    """A person with an account, and the person's company."""

    user: User
    company: Company


@dataclass(frozen=True)
class Registration:
    """Registers people who have no account yet. Their passwords are hashed before it begins."""

    database: Database
    taken: TakenAddresses
    is_open: bool
    """Whether everybody may found a company."""
    operator_company_id: int
    """Never given to a founded company: the operator's company may not be registered yet."""
    idempotency_key_of: Callable[[int], IdempotencyKey[Registered]]
    """Returns the request's Idempotency-Key as a key of the company with that number; before, there is no company."""

    def found(self, company_name: str, new: NewUser, *, address: str, cause: Cause) -> Registered:
        """Found a company with `new` as its admin and publish both.

        EmailTaken tells which addresses have an account, so a network (`address`) learns it of few addresses only.
        Raises RegistrationClosed, EmailTaken, TooManyTries, and Replayed for a repeated Idempotency-Key.
        """
        if not self.is_open:
            raise RegistrationClosed
        with self.taken.limited(address):
            try:
                while (registered := self._found(company_name, new, cause)) is None:
                    pass
            except EmailTaken as error:
                self._refuse(new, error)
        return registered

    def join(self, token: str, new: NewUser, *, address: str, cause: Cause) -> Registered:
        """Add `new` to the company that invited the address, in the role of the invitation, and publish the user.

        EmailTaken is limited as in `found`: anybody may found a company, invite an address and try to join by it.
        Raises InvitationNotValid, EmailTaken, UsernameTaken, TooManyTries, and Replayed for a repeated Idempotency-Key.
        """
        with self.taken.limited(address):
            try:
                return self._join(token, new, cause)
            except (InvitationNotValid, EmailTaken) as error:
                self._refuse(new, error)

    def _found(self, company_name: str, new: NewUser, cause: Cause) -> Registered | None:
        """Return None where another part of the system has named the company of the next number first."""
        company_id = self._next_number()
        idempotency_key = self.idempotency_key_of(company_id)
        with self.database.session(company_id) as session, session.begin():
            company = companies.add(session, company_id, company_name)
            if company is None:
                return None
            idempotency_key.claim(session)
            outbox.add(session, company_created(company, cause))
            registered = Registered(insert_user(session, company_id, new, ADMIN, cause), company)
            idempotency_key.store(session, registered)
        return registered

    def _join(self, token: str, new: NewUser, cause: Cause) -> Registered:
        place = self._find(token)
        if place is None:
            raise InvitationNotValid
        company_id, invitation_id = place
        idempotency_key = self.idempotency_key_of(company_id)
        with self.database.session(company_id) as session, session.begin():
            idempotency_key.claim(session)
            company = lock_company(session, company_id, cause)
            invitation = invitations.lock_open(session, company_id, invitation_id, new.email_key)
            if invitation is None:
                raise InvitationNotValid
            was_mailed = invitations.was_mailed(session, company_id, invitation_id, token_hash(token))
            user = insert_user(session, company_id, new, invitation.role, cause, is_proved=was_mailed)
            registered = Registered(user, company)
            invitations.accept(session, invitation)
            idempotency_key.store(session, registered)
        return registered

    def _refuse(self, new: NewUser, error: Exception) -> NoReturn:
        """Raise Replayed where the same request has registered this address before, else `error`."""
        with self.database.session() as session:
            place = users.find_company(session, new.email_key)
        if place is not None:
            with self.database.session(place[0]) as session:
                refuse_duplicate(session, self.idempotency_key_of(place[0]))
        raise error

    def _next_number(self) -> int:
        with self.database.session() as session:
            number = companies.next_number(session)
            while number == self.operator_company_id:
                number = companies.next_number(session)
            return number

    def _find(self, token: str) -> tuple[int, int] | None:
        if not is_token(token, INVITATION):
            return None
        with self.database.session() as session:
            return invitations.find_by_token(session, token_hash(token))
