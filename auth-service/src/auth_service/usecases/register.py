"""Found a company, or join one by invitation."""

from dataclasses import dataclass

from eventbus.publish import outbox
from service_kit.database.engine import Database
from service_kit.telemetry.cause import Cause

from auth_service.domain.company import Company
from auth_service.domain.invitation import InvitationNotValid
from auth_service.domain.opaque_token import INVITATION, is_token, token_hash
from auth_service.domain.user import ADMIN, User
from auth_service.events import company_created
from auth_service.store import companies, invitations
from auth_service.usecases.change_companies import lock_company
from auth_service.usecases.change_users import NewUser, insert_user


@dataclass(frozen=True)
class Registration:
    """Registers people who have no account yet. Their passwords are hashed before it begins."""

    database: Database
    operator_company_id: int
    """Never given to a founded company: the operator's company may not be registered yet."""

    def found(self, company_name: str, new: NewUser, cause: Cause) -> tuple[Company, User]:
        """Found a company with `new` as its admin and publish both; raise EmailTaken."""
        while True:
            company_id = self._next_number()
            with self.database.session(company_id) as session, session.begin():
                company = companies.add(session, company_id, company_name)
                # A company of that number exists where another part of the system named it first.
                if company is None:
                    continue
                outbox.add(session, company_created(company, cause))
                return company, insert_user(session, company_id, new, ADMIN, cause)

    def join(self, token: str, new: NewUser, cause: Cause) -> tuple[Company, User]:
        """Add `new` to the company that invited the address, in the role of the invitation, and publish the user.

        Raises InvitationNotValid, EmailTaken, UsernameTaken.
        """
        place = self._find(token)
        if place is None:
            raise InvitationNotValid
        company_id, invitation_id = place
        with self.database.session(company_id) as session, session.begin():
            company = lock_company(session, company_id, cause)
            invitation = invitations.lock_open(session, company_id, invitation_id, new.email_key)
            if invitation is None:
                raise InvitationNotValid
            user = insert_user(session, company_id, new, invitation.role, cause)
            invitations.accept(session, invitation)
        return company, user

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
