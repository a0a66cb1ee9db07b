"""auth-service on one screen: its dependencies, routes and errors. It consumes no events; its worker only publishes."""

from collections.abc import Callable

import smartticket_contracts
from company_kit.http.audit import audit
from company_kit.maintenance import company_maintenance
from operations_kit.service import Service
from outbound_kit.sealing import Sealer, TextSealer
from service_kit.database.engine import Database
from service_kit.telemetry.metrics import Metrics

from auth_service.adapters.bulkhead import Bulkhead, HashingBusy
from auth_service.adapters.passwords import PasswordHasher
from auth_service.adapters.provider_http import Limits, ProviderFaulty, ProviderHttp, ProviderUnavailable
from auth_service.adapters.providers import Providers
from auth_service.adapters.rights import rights_of_roles
from auth_service.api.api_keys import api_keys
from auth_service.api.companies import companies
from auth_service.api.email_changes import email_changes
from auth_service.api.identities import identities
from auth_service.api.invitations import invitations
from auth_service.api.keys import keys
from auth_service.api.mailed_links import mailed_links
from auth_service.api.me import me
from auth_service.api.passwords import passwords
from auth_service.api.registration import registration
from auth_service.api.revocations import revocations
from auth_service.api.sessions import sessions
from auth_service.api.sign_on import sign_on
from auth_service.api.signing_in import signing_in
from auth_service.api.sso_connections import sso_connections
from auth_service.api.teams import teams
from auth_service.api.totp import totp
from auth_service.api.users import users
from auth_service.dependencies import Dependencies
from auth_service.domain.api_key import ApiKeyNotFound, TooManyApiKeys, UnknownScopes
from auth_service.domain.company import CompanyNotFound, OperatorCompany, WrongName
from auth_service.domain.credentials import NoPassword, WrongPassword
from auth_service.domain.device import DeviceTokens
from auth_service.domain.email_change import NoEmailChange, VerificationRefused
from auth_service.domain.guard import GuardKeys
from auth_service.domain.identity import IdentityNotFound, OnlyWayIn
from auth_service.domain.invitation import (
    InvitationNotFound,
    InvitationNotValid,
    InvitationOpen,
    InvitationsUsedUp,
    TooManyInvitations,
)
from auth_service.domain.password import BadPassword
from auth_service.domain.password_reset import ResetRefused, UserInactive
from auth_service.domain.second_factor import (
    CodeNotAccepted,
    HalfLogins,
    SecondFactorActive,
    SecondFactorMissing,
    WrongCode,
)
from auth_service.domain.session import SessionNotFound
from auth_service.domain.sign_in import NoPublicUrl, NotVerified, ProviderRefused, SignInExpired, SignInRefused
from auth_service.domain.sso_connection import (
    BadConnection,
    ConnectionNotFound,
    ProvingProviders,
    TooManyConnections,
)
from auth_service.domain.team import (
    MemberExists,
    MemberNotFound,
    TeamExists,
    TeamNotFound,
    TooManyMembers,
    TooManyTeams,
)
from auth_service.domain.user import EmailTaken, LastAdmin, UsernameTaken, UserNotFound
from auth_service.settings import NAME, PORT, SCHEMA, Settings, read_settings
from auth_service.usecases.announce import Announcements
from auth_service.usecases.change_companies import register_company
from auth_service.usecases.change_email import EmailChanges
from auth_service.usecases.change_password import PasswordChange
from auth_service.usecases.check_password import PasswordCheck
from auth_service.usecases.finish_sign_in import SignInFinish
from auth_service.usecases.guard_tries import Guard, TooManyTries
from auth_service.usecases.invite import InvitationMails
from auth_service.usecases.limit_taken import TakenAddresses
from auth_service.usecases.log_in import HalfLoginRefused, LoginRefused
from auth_service.usecases.refresh import RefreshRefused
from auth_service.usecases.register import RegistrationClosed
from auth_service.usecases.remove_expired import RemoveExpired
from auth_service.usecases.request_reset import ResetRequests
from auth_service.usecases.second_factors import SecondFactors
from auth_service.usecases.signing_keys import SigningKeys
from auth_service.usecases.sso_connections import Connections
from auth_service.usecases.start_sign_in import PublicAddress, SignInStart

ERRORS: dict[type[Exception], tuple[int, str]] = {
    CompanyNotFound: (404, "company_not_found"),
    WrongName: (400, "invalid"),
    OperatorCompany: (409, "operator_company"),
    TeamNotFound: (404, "team_not_found"),
    MemberNotFound: (404, "member_not_found"),
    TeamExists: (409, "team_exists"),
    MemberExists: (409, "member_exists"),
    TooManyTeams: (409, "too_many_teams"),
    TooManyMembers: (409, "too_many_members"),
    BadPassword: (400, "invalid"),
    InvitationNotValid: (400, "invalid"),
    LoginRefused: (401, "invalid_credentials"),
    ResetRefused: (400, "invalid"),
    UnknownScopes: (400, "invalid"),
    HalfLoginRefused: (401, "half_login_expired"),
    WrongCode: (401, "wrong_code"),
    # Not 401: a client would take it for the end of its session.
    CodeNotAccepted: (400, "wrong_code"),
    WrongPassword: (403, "wrong_password"),
    ApiKeyNotFound: (404, "api_key_not_found"),
    SecondFactorMissing: (409, "totp_missing"),
    SecondFactorActive: (409, "totp_active"),
    NoPassword: (409, "no_password"),
    UserInactive: (409, "user_inactive"),
    TooManyApiKeys: (409, "too_many_api_keys"),
    RefreshRefused: (401, "invalid_refresh_token"),
    UserNotFound: (404, "user_not_found"),
    SessionNotFound: (404, "session_not_found"),
    InvitationNotFound: (404, "invitation_not_found"),
    RegistrationClosed: (403, "registration_closed"),
    EmailTaken: (409, "email_taken"),
    UsernameTaken: (409, "username_taken"),
    LastAdmin: (409, "last_admin"),
    TooManyInvitations: (409, "too_many_invitations"),
    InvitationOpen: (409, "invitation_open"),
    InvitationsUsedUp: (429, "invitations_used_up"),
    TooManyTries: (429, "too_many_tries"),
    HashingBusy: (503, "busy"),
    ConnectionNotFound: (404, "sso_connection_not_found"),
    NoEmailChange: (404, "email_change_not_found"),
    VerificationRefused: (400, "invalid"),
    IdentityNotFound: (404, "identity_not_found"),
    BadConnection: (400, "invalid"),
    SignInExpired: (400, "sign_in_expired"),
    ProviderRefused: (401, "sign_in_denied"),
    NotVerified: (401, "sign_in_not_verified"),
    SignInRefused: (403, "sign_in_refused"),
    TooManyConnections: (409, "too_many_sso_connections"),
    OnlyWayIn: (409, "only_way_in"),
    NoPublicUrl: (409, "public_url_missing"),
    # Not 502: the gateway would count it as a failure of this service, and ask again.
    ProviderFaulty: (409, "provider_faulty"),
    ProviderUnavailable: (503, "provider_unavailable"),
}


def build(settings: Settings, database: Database, _metrics: Metrics) -> Dependencies:
    """Return what handlers need, once per process; connects to nothing."""
    secret = settings.key_secret
    bulkhead = Bulkhead(settings.sign_in_slots)
    passwords, guard, guard_keys = (
        PasswordHasher(settings.parallel_hashes, bulkhead=bulkhead),
        Guard(database, bulkhead),
        GuardKeys(secret),
    )
    password_check = PasswordCheck(database, passwords, guard, guard_keys)
    limits = Limits(
        deadline_seconds=settings.sso_deadline_seconds,
        max_bytes=settings.sso_max_answer_kb * 1024,
        max_calls=settings.sso_parallel_calls,
        allowed_networks=settings.sso_allowed_networks,
        development=settings.development,
    )
    providers, public_address = Providers(ProviderHttp(limits)), PublicAddress(settings.issuer)
    connections = Connections(database, Sealer(secret), providers, settings.development)
    proving = ProvingProviders(settings.sso_proving_issuers, settings.operator_company_id)
    return Dependencies(
        database=database,
        passwords=passwords,
        guard=guard,
        guard_keys=guard_keys,
        devices=DeviceTokens(secret),
        signing_keys=SigningKeys(database, secret, settings.issuer),
        confidential=TextSealer(secret),
        half_logins=HalfLogins(secret),
        password_check=password_check,
        password_change=PasswordChange(database, passwords, password_check, guard, guard_keys),
        email_changes=EmailChanges(database, password_check, guard, guard_keys),
        taken_addresses=TakenAddresses(guard, guard_keys),
        invitation_mails=InvitationMails(guard, guard_keys),
        invitation_limits=settings.invitation_limits,
        reset_requests=ResetRequests(database, guard, guard_keys),
        second_factors=SecondFactors(database, Sealer(secret), guard, guard_keys),
        public_address=public_address,
        sso_connections=connections,
        sign_in_start=SignInStart(database, providers, public_address),
        sign_in_finish=SignInFinish(database, providers, connections, public_address, proving),
        rights=rights_of_roles(smartticket_contracts.folder()),
        operator_company_id=settings.operator_company_id,
        open_registration=settings.open_registration,
    )


def register_operator(settings: Settings, deps: Dependencies) -> None:
    """Register and publish the operator's company before its first ticket arrives."""
    company_id = settings.operator_company_id
    with deps.database.session(company_id) as session:
        register_company(session, company_id)


def maintenance(settings: Settings, deps: Dependencies) -> Callable[[], object]:
    """Return the job that deletes what has expired, announces everybody again, and maintains companies."""
    remove_expired = RemoveExpired(deps.database).run_when_due
    announce = Announcements(deps.database, settings.announce_days).run_when_due
    # The gateway asks for revocations as long as a token may be valid.
    maintain_companies = company_maintenance(settings, deps.database, needed_to_the_end=["revocations"])

    def job() -> None:
        remove_expired()
        announce()
        maintain_companies()

    return job


SERVICE = Service(
    name=NAME,
    schema=SCHEMA,
    port=PORT,
    read_settings=read_settings,
    build=build,
    blueprints=[
        companies,
        teams,
        registration,
        signing_in,
        passwords,
        totp,
        me,
        users,
        invitations,
        sessions,
        api_keys,
        email_changes,
        mailed_links,
        sso_connections,
        sign_on,
        identities,
        keys,
        revocations,
        audit,
    ],
    errors=ERRORS,
    maintenance=maintenance,
    on_start=register_operator,
)
