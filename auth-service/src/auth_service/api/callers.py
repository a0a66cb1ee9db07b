"""The person behind a request."""

from flask import g
from service_kit.http.problems import Forbidden

from auth_service.domain.user import user_id_of


def person() -> int:
    """Return the id of the calling user; raise Forbidden (403) for a caller without an account."""
    user_id = user_id_of(g.caller.subject)
    if user_id is None:
        raise Forbidden("This needs an account of your own: sign in first.", code="account_needed")
    return user_id
