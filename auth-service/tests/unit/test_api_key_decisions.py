"""What API keys may do, without a database."""

import pytest
import smartticket_contracts
import yaml
from auth_service.adapters.rights import rights_of_roles
from auth_service.adapters.scopes import grantable_scopes
from auth_service.domain.api_key import (
    MAX_KEYS,
    TooManyApiKeys,
    UnknownScopes,
    check_number,
    check_scopes,
    grantable,
)
from service_kit.http.policy import scope_of

KNOWN = frozenset({"tickets:read", "tickets:write", "users:read"})


def test_the_scopes_are_those_of_the_routes_of_all_services() -> None:
    scopes = grantable_scopes(rights_of_roles(smartticket_contracts.folder()))
    assert {"tickets:read", "tickets:write", "documents:read", "rag:write", "departments:read"} <= scopes
    assert all(scope.partition(":")[2] in {"read", "write"} for scope in scopes)
    assert not any(scope.startswith(("internal:", "health:")) for scope in scopes)


def test_every_route_of_all_services_and_of_the_gateway_has_a_scope_that_a_key_can_have() -> None:
    policy = yaml.safe_load((smartticket_contracts.folder() / "policy.yaml").read_text(encoding="utf-8"))
    routes = {row.partition(" (")[0] for row in policy["shared"]} | policy["gateway"]["routes"].keys()
    needed = {scope_of(*route.split(" ")) for route in routes} - {None}
    assert needed <= grantable_scopes(rights_of_roles(smartticket_contracts.folder()))
    assert {"audit:read", "changes:read", "ws:read"} <= needed


def test_every_route_of_the_gateway_itself_has_a_scope_that_a_key_can_have() -> None:
    policy = yaml.safe_load((smartticket_contracts.folder() / "policy.yaml").read_text(encoding="utf-8"))
    needed = {scope_of(*route.split(" ")) for route in policy["gateway"]["routes"]} - {None}
    # Tickets of WebSockets are for pages of browsers; programs send their key.
    assert needed - {"ws-tickets:write"} <= grantable_scopes(rights_of_roles(smartticket_contracts.folder()))
    assert {"changes:read", "ws:read"} <= needed


def test_a_key_makes_no_keys_and_no_people_and_signs_nobody_in() -> None:
    assert grantable(
        {
            "api-keys:read",
            "api-keys:write",
            "auth:write",
            "invitations:read",
            "invitations:write",
            "me:read",
            "me:write",
            "sessions:read",
            "sessions:write",
            "tickets:write",
            "users:read",
            "users:write",
        }
    ) == {"me:read", "tickets:write", "users:read"}


def test_scopes_are_sorted_and_named_once() -> None:
    assert check_scopes(["users:read", "tickets:read", "users:read"], KNOWN) == ("tickets:read", "users:read")


@pytest.mark.parametrize(
    "scope",
    ["tickets", "tickets:*", "*", "tickets:delete", "TICKETS:read", "tickets:read ", "admin", "", "tickets:read\n"],
)
def test_other_scopes_are_refused_by_name(scope: str) -> None:
    with pytest.raises(UnknownScopes) as caught:
        check_scopes(["tickets:read", scope], KNOWN)
    assert caught.value.errors[0]["field"] == "scopes"
    assert scope in caught.value.errors[0]["message"]


def test_a_refusal_quotes_no_more_than_a_line() -> None:
    with pytest.raises(UnknownScopes) as caught:
        check_scopes([f"{number}" * 100 for number in range(100)], KNOWN)
    assert len(str(caught.value)) < 250


def test_the_number_of_keys_is_limited() -> None:
    check_number(MAX_KEYS - 1)
    with pytest.raises(TooManyApiKeys):
        check_number(MAX_KEYS)
