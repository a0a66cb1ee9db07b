"""Remove an identity from the account of the person who has it."""

from sqlalchemy.orm import Session

from auth_service.domain.identity import IdentityNotFound, OnlyWayIn
from auth_service.store import identities, users


def unlink_identity(session: Session, company_id: int, user_id: int, identity_id: int) -> None:
    """Remove an identity of a user. Raises IdentityNotFound, OnlyWayIn."""
    with session.begin():
        users.lock(session, company_id, user_id)
        found = users.credentials(session, company_id, user_id)
        if found is None or not identities.remove(session, company_id, user_id, identity_id):
            raise IdentityNotFound
        if found.password_hash is None and identities.count(session, company_id, user_id) == 0:
            raise OnlyWayIn
