"""auth-service on one screen: its dependencies, routes and errors. It consumes no events; its worker only publishes."""

from collections.abc import Callable

import smartticket_contracts
from eventbus.service import Service
from service_kit.database.engine import Database
from service_kit.telemetry.metrics import Metrics

from auth_service.adapters.passwords import HashingBusy, PasswordHasher
from auth_service.adapters.rights import rights_of_roles
from auth_service.adapters.sealing import ConfidentialResponses
from auth_service.api.companies import companies
from auth_service.api.invitations import invitations
from auth_service.api.keys import keys
from auth_service.api.me import me
from auth_service.api.registration import registration
from auth_service.api.revocations import revocations
from auth_service.api.sessions import sessions
from auth_service.api.signing_in import signing_in
from auth_service.api.teams import teams
from auth_service.api.users import users
from auth_service.dependencies import Dependencies
from auth_service.domain.company import CompanyNotFound
from auth_service.domain.device import DeviceTokens
from auth_service.domain.guard import GuardKeys
from auth_service.domain.invitation import InvitationNotFound, InvitationNotValid, TooManyInvitations
from auth_service.domain.password import BadPassword
from auth_service.domain.session import SessionNotFound
from auth_service.domain.team import (
    MemberExists,
    MemberNotFound,
    TeamExists,
    TeamNotFound,
    TooManyMembers,
    TooManyTeams,
)
from auth_service.domain.user import EmailTaken, LastAdmin, StaleRevision, UsernameTaken, UserNotFound
from auth_service.settings import NAME, PORT, SCHEMA, Settings, read_settings
from auth_service.usecases.change_companies import register_company
from auth_service.usecases.guard_tries import Guard, TooManyTries
from auth_service.usecases.log_in import LoginRefused
from auth_service.usecases.refresh import RefreshRefused
from auth_service.usecases.remove_expired import RemoveExpired
from auth_service.usecases.signing_keys import SigningKeys

ERRORS: dict[type[Exception], tuple[int, str]] = {
    CompanyNotFound: (404, "company_not_found"),
    TeamNotFound: (404, "team_not_found"),
    MemberNotFound: (404, "member_not_found"),
    TeamExists: (409, "team_exists"),
    MemberExists: (409, "member_exists"),
    TooManyTeams: (409, "too_many_teams"),
    TooManyMembers: (409, "too_many_members"),
    BadPassword: (400, "invalid"),
    InvitationNotValid: (400, "invalid"),
    LoginRefused: (401, "invalid_credentials"),
    RefreshRefused: (401, "invalid_refresh_token"),
    UserNotFound: (404, "user_not_found"),
    SessionNotFound: (404, "session_not_found"),
    InvitationNotFound: (404, "invitation_not_found"),
    EmailTaken: (409, "email_taken"),
    UsernameTaken: (409, "username_taken"),
    LastAdmin: (409, "last_admin"),
    TooManyInvitations: (409, "too_many_invitations"),
    StaleRevision: (412, "stale_revision"),
    TooManyTries: (429, "too_many_tries"),
    HashingBusy: (503, "busy"),
}


def build(settings: Settings, database: Database, _metrics: Metrics) -> Dependencies:
    """Return what handlers need, once per process; connects to nothing."""
    secret = settings.key_secret
    return Dependencies(
        database=database,
        passwords=PasswordHasher(settings.parallel_hashes),
        guard=Guard(database),
        guard_keys=GuardKeys(secret),
        devices=DeviceTokens(secret),
        signing_keys=SigningKeys(database, secret, settings.issuer),
        confidential=ConfidentialResponses(secret),
        rights=rights_of_roles(smartticket_contracts.folder()),
        operator_company_id=settings.operator_company_id,
    )


def register_operator(settings: Settings, deps: Dependencies) -> None:
    """Register and publish the operator's company before its first ticket arrives."""
    company_id = settings.operator_company_id
    with deps.database.session(company_id) as session:
        register_company(session, company_id)


def maintenance(_settings: Settings, deps: Dependencies) -> Callable[[], object]:
    """Return the job that deletes expired sessions, tokens and invitations."""
    return RemoveExpired(deps.database).run_when_due


SERVICE = Service(
    name=NAME,
    schema=SCHEMA,
    port=PORT,
    read_settings=read_settings,
    build=build,
    blueprints=[companies, teams, registration, signing_in, me, users, invitations, sessions, keys, revocations],
    errors=ERRORS,
    maintenance=maintenance,
    on_start=register_operator,
)
