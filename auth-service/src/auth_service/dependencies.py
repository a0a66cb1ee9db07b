"""The objects that request handlers and consumers share, built once per process."""

from collections.abc import Mapping
from dataclasses import dataclass

from outbound_kit.sealing import TextSealer
from service_kit.database.engine import Database

from auth_service.adapters.passwords import PasswordHasher
from auth_service.domain.device import DeviceTokens
from auth_service.domain.guard import GuardKeys
from auth_service.domain.invitation import InvitationLimits
from auth_service.domain.second_factor import HalfLogins
from auth_service.usecases.change_email import EmailChanges
from auth_service.usecases.change_password import PasswordChange
from auth_service.usecases.check_password import PasswordCheck
from auth_service.usecases.finish_sign_in import SignInFinish
from auth_service.usecases.guard_tries import Guard
from auth_service.usecases.invite import InvitationMails
from auth_service.usecases.limit_taken import TakenAddresses
from auth_service.usecases.request_reset import ResetRequests
from auth_service.usecases.second_factors import SecondFactors
from auth_service.usecases.signing_keys import SigningKeys
from auth_service.usecases.sso_connections import Connections
from auth_service.usecases.start_sign_in import PublicAddress, SignInStart


@dataclass(frozen=True)
class Dependencies:
    """The dependencies of this service: `g.deps` in request handlers."""

    database: Database
    passwords: PasswordHasher
    guard: Guard
    guard_keys: GuardKeys
    devices: DeviceTokens
    signing_keys: SigningKeys
    confidential: TextSealer
    half_logins: HalfLogins
    password_check: PasswordCheck
    password_change: PasswordChange
    email_changes: EmailChanges
    taken_addresses: TakenAddresses
    invitation_mails: InvitationMails
    invitation_limits: InvitationLimits
    reset_requests: ResetRequests
    second_factors: SecondFactors
    public_address: PublicAddress
    sso_connections: Connections
    sign_in_start: SignInStart
    sign_in_finish: SignInFinish
    rights: Mapping[str, tuple[str, ...]]
    """The rights of each role, such as `tickets:read`."""
    operator_company_id: int
    open_registration: bool
    """Whether everybody may found a company."""
