"""Exchange the code of a finished sign-in for a session, in the browser that signed in."""

from dataclasses import dataclass
from datetime import UTC, datetime

from service_kit.database.engine import Database

from auth_service.domain.opaque_token import is_token, token_hash
from auth_service.domain.second_factor import HalfLogins, half_login_of
from auth_service.domain.sign_in import SignInExpired
from auth_service.domain.user import User
from auth_service.store import sign_ins, users
from auth_service.usecases.begin_session import Client, SignedIn, begin_session
from auth_service.usecases.finish_sign_in import CODE
from auth_service.usecases.log_in import SecondFactorNeeded
from auth_service.usecases.second_factors import SecondFactors
from auth_service.usecases.start_sign_in import BROWSER


@dataclass(frozen=True)
class CodeExchange:
    """Exchanges codes. Each works once, within a minute, with the cookie of its browser."""

    database: Database
    second_factors: SecondFactors
    half_logins: HalfLogins

    def exchange(self, code: str, browser: str | None, client: Client) -> SignedIn:
        """Begin a session; raise SignInExpired, and SecondFactorNeeded where the person has a second factor here."""
        if browser is None or not is_token(code, CODE) or not is_token(browser, BROWSER):
            raise SignInExpired
        with self.database.session() as session:
            company_id = sign_ins.find_company(session, token_hash(code))
        if company_id is None:
            raise SignInExpired
        user = self._use(company_id, code, browser)
        if self.second_factors.needed(user):
            half = half_login_of(user.company_id, user.id, user.password_version, datetime.now(UTC))
            raise SecondFactorNeeded(self.half_logins.make(half))
        with self.database.session(company_id) as session, session.begin():
            locked = users.lock(session, company_id, user.id)
            if locked is None or not locked.is_active:
                raise SignInExpired
            return begin_session(session, locked, client)

    def _use(self, company_id: int, code: str, browser: str) -> User:
        with self.database.session(company_id) as session, session.begin():
            user_id = sign_ins.use_code(
                session, company_id, code_hash=token_hash(code), browser_hash=token_hash(browser)
            )
            user = None if user_id is None else users.find(session, company_id, user_id)
        if user is None or not user.is_active:
            raise SignInExpired
        return user
