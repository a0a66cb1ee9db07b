"""Note that a person has proved to receive mail at an address, and publish it."""

from eventbus.publish import outbox
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from auth_service.domain.user import User
from auth_service.events import user_updated
from auth_service.store import proven_addresses


def prove_address(session: Session, user: User, cause: Cause) -> User:
    """Store that a locked user has proved the present address, publish `user.updated` and return the user.

    An address that was proved before changes nothing.
    """
    if user.email_confirmed:
        return user
    proved = proven_addresses.add_with_revision(session, user)
    outbox.add(session, user_updated(proved, cause))
    return proved
