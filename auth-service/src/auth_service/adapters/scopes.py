"""The scopes that API keys can have, from the rights of all roles."""

from collections.abc import Mapping, Sequence

from auth_service.domain.api_key import grantable


def grantable_scopes(rights: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Return the rights of any role, but for those that no key may have."""
    return grantable({right for of_role in rights.values() for right in of_role})
