"""Find, link or add the account of a person whom a provider has identified, in the caller's transaction."""

from dataclasses import replace

from service_kit.telemetry.cause import Cause
from service_kit.telemetry.logs import get_logger
from sqlalchemy.orm import Session

from auth_service.domain.sign_in import Address, Person, SignInRefused, check_address, usernames
from auth_service.domain.sso_connection import Connection, mapped_role
from auth_service.domain.user import EmailTaken, User, is_admin
from auth_service.store import identities, user_addresses, users
from auth_service.usecases.change_companies import lock_company
from auth_service.usecases.change_users import NewUser, insert_user, publish_change
from auth_service.usecases.prove_address import prove_address

NOT_ACTIVE = "This account may not sign in. Ask an admin of your company."
NO_ROLE = "Your groups give you no access here. Ask an admin of your company."

log = get_logger(__name__)


def accept(
    session: Session,
    connection: Connection,
    person: Person,
    address: Address | None,
    cause: Cause,
    *,
    is_proving: bool = False,
) -> User:
    """Return the locked user of an identity. A known identity needs no address.

    An unknown one is linked to the account with its verified address or gets a new account. The role is set anew from
    the groups. Where the provider `is_proving`, an address that it has verified is proved for mails, too. Raises
    SignInRefused.
    """
    company_id = connection.company_id
    lock_company(session, company_id, cause)
    known = identities.find(session, company_id, person.issuer, person.subject)
    if known is not None:
        user = users.lock(session, company_id, known.user_id)
        assert user is not None
        identities.mark_used(session, known)
    else:
        user = _link_or_add(session, connection, person, check_address(connection, person, address), cause)
    if not user.is_active:
        raise SignInRefused(NOT_ACTIVE)
    if is_proving and person.email_verified and address is not None and _has_address(session, user, address):
        user = prove_address(session, user, cause)
    return _with_role(session, connection, person, user, cause)


def link(session: Session, company_id: int, user_id: int, person: Person, cause: Cause) -> None:
    """Link an identity to the account of a person who asked for it while signed in; raise SignInRefused."""
    lock_company(session, company_id, cause)
    user = users.lock(session, company_id, user_id)
    if user is None or not user.is_active or user.is_machine:
        raise SignInRefused(NOT_ACTIVE)
    known = identities.find(session, company_id, person.issuer, person.subject)
    if known is None:
        identities.add(session, company_id, user_id, person.issuer, person.subject)
        log.info("identity linked", company_id=company_id, user_id=user_id, issuer=person.issuer, by="the person")
    elif known.user_id != user_id:
        raise SignInRefused("This identity signs in to another account. Remove it there first.")


def _link_or_add(session: Session, connection: Connection, person: Person, address: Address, cause: Cause) -> User:
    company_id = connection.company_id
    place = users.find_company(session, address.key)
    new = place is None
    user = _existing(session, company_id, place) if place else _add(session, connection, person, address, cause)
    identities.add(session, company_id, user.id, person.issuer, person.subject)
    user_addresses.mark_verified(session, user)
    log.info("identity linked", company_id=company_id, user_id=user.id, issuer=person.issuer, new=new)
    return replace(user, email_verified=True)


def _has_address(session: Session, user: User, address: Address) -> bool:
    return users.email_key(session, user.company_id, user.id) == address.key


def _existing(session: Session, company_id: int, place: tuple[int, int]) -> User:
    """Return the account with the person's address, which must belong to the connection's company."""
    found = users.lock(session, company_id, place[1]) if place[0] == company_id else None
    if found is None or found.is_machine:
        raise SignInRefused("Your address belongs to an account that can't be linked. Ask an admin of your company.")
    if not found.is_active:
        raise SignInRefused(NOT_ACTIVE)
    return found


def _add(session: Session, connection: Connection, person: Person, address: Address, cause: Cause) -> User:
    if not connection.create_users:
        raise SignInRefused("You have no account here yet. Ask an admin of your company to add you.")
    role = mapped_role(connection, person.groups)
    if role is None:
        raise SignInRefused(NO_ROLE)
    company_id = connection.company_id
    free = (name for name in usernames(person, address) if not users.username_exists(session, company_id, name))
    name = next(free, None)
    if name is None:
        raise SignInRefused("Too many people here have your name. Ask an admin of your company to add you.")
    try:
        return insert_user(session, company_id, NewUser(address.email, address.key, name, None), role, cause)
    except EmailTaken as error:  # by somebody who registered in this moment
        raise SignInRefused("Your address belongs to another account by now. Start again.") from error


def _with_role(session: Session, connection: Connection, person: Person, user: User, cause: Cause) -> User:
    """Return the user with the role of the groups; a company keeps its last admin."""
    if connection.groups_claim is None:
        return user
    role = mapped_role(connection, person.groups)
    if role is None:
        raise SignInRefused(NO_ROLE)
    if role == user.role:
        return user
    after = replace(user, role=role)
    last_admin = is_admin(user) and users.active_admins(session, user.company_id, except_id=user.id) == 0
    if last_admin:
        log.warning("role kept: the last admin", company_id=user.company_id, user_id=user.id, role=role)
        return user
    stored = users.change(session, after)
    publish_change(session, user, stored, cause)
    return stored
