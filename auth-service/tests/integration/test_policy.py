"""Every cell of the declared policy, asked of the service."""

from typing import Any

import pytest
from service_kit.testing.postgres import ServiceDatabase

from tests.security.policy import Ask, Builder, Target
from tests.security.policy_tests import PolicyTests
from tests.security.shared_rows import shared_builders

from ..conftest import Api

ADDRESS = "member@example.org"
WRONG_SECRET = frozenset({400, 409})
"""The password or the code is wrong: the caller may ask."""

PROVEN_IN_TEST_AUDIT = (
    "POST /api/me/email",
    "POST /api/auth/password/change",
    "POST /api/auth/totp/enable",
    "POST /api/auth/totp/confirm",
    "POST /api/auth/totp/disable",
)
"""They need a password or a code."""
OPERATORS_COMPANY = frozenset({409})


@pytest.fixture
def builders(made: ServiceDatabase, api: Api) -> dict[str, Builder]:
    """Give a builder per row."""

    def team(target: Target) -> int:
        admin = Api(api.client, company=target.company)
        added = admin.add_team(f"Team {target.number} of {target.company}")
        member = {"email": ADDRESS, "name": "Member", "role": "agent"}
        assert admin.call("POST", f"/api/teams/{added['id']}/members", member).status_code == 201
        return int(added["id"])

    def of_team(suffix: str = "", body: Any = None) -> Builder:
        return lambda target: Ask(f"/api/teams/{team(target)}{suffix}", body)

    def listed(target: Target) -> Ask:
        team(target)
        return Ask("/api/teams?limit=100", shows=f'"Team {target.number} of {target.company}"')

    def company(change: bool = False) -> Builder:
        def build(target: Target) -> Ask:
            return Ask(f"/api/companies/{target.company}", {"description": f"{target.number}"} if change else None)

        return build

    def execute(statement: str, *values: Any) -> Any:
        with made.admin() as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()[0] if cursor.description else None

    def owner(target: Target) -> int:
        """Store the user who owns a target and return its number."""
        number = {"own": 7, "same company": 8}.get(target.name, 9)
        return stored_user(target, number)

    def stored_user(target: Target, number: int) -> int:
        execute(
            "insert into users (company_id, id, email, email_key, username, username_key, role, email_verified)"
            " overriding system value values (%s, %s, %s, sha256(%s), %s, %s, 'admin', true)"
            " on conflict (company_id, id) do nothing",
            target.company, number, f"n{number}@example.org", f"{number}".encode(), f"N{number}", f"n{number}",
        )  # fmt: skip
        return number

    def user(target: Target) -> int:
        return stored_user(target, target.number)

    def with_second_factor(target: Target) -> Ask:
        execute(
            "insert into totp (company_id, user_id, secret_sealed) values (%s, %s, 'x')", target.company, user(target)
        )
        return Ask(f"/api/users/{target.number}/totp")

    def with_email_change(target: Target) -> Ask:
        execute(
            "insert into email_changes (company_id, user_id, email, email_key, old_email_key)"
            " values (%s, %s, 'new@example.org', sha256('n'), sha256('o'))",
            target.company, user(target),
        )  # fmt: skip
        return Ask(f"/api/users/{target.number}/email-verification")

    def mailed_verification(target: Target) -> Ask:
        with_email_change(target)
        return Ask(f"/internal/users/{target.number}/email-verification", {"email": "new@example.org"})

    def of_user(suffix: str = "", change: bool = False) -> Builder:
        def build(target: Target) -> Ask:
            body = {"username": f"Changed {target.number}"} if change else None
            return Ask(f"/api/users/{user(target)}{suffix}", body)

        return build

    def listed_user(target: Target) -> Ask:
        return Ask("/api/users?limit=100", shows=f'"n{user(target)}@example.org"')

    def invitation(target: Target) -> int:
        return int(
            execute(
                "insert into invitations (company_id, email, email_key, role, token_hash, invited_by, expires_at)"
                " values (%s, %s, sha256(%s), 'agent', sha256(%s), 'x', now() + interval '1 day') returning id",
                target.company, f"i{target.number}@example.org", b"x", f"i{target.number}".encode(),
            )
        )  # fmt: skip

    def listed_invitation(target: Target) -> Ask:
        invitation(target)
        return Ask("/api/invitations?limit=100", shows=f'"i{target.number}@example.org"')

    def session(target: Target) -> str:
        return str(
            execute(
                "insert into sessions (company_id, id, user_id, device, address, expires_at)"
                " values (%s, gen_random_uuid(), %s, 'd', '', now() + interval '1 day') returning id",
                target.company, owner(target),
            )
        )  # fmt: skip

    def key(target: Target) -> Any:
        """Make an API key of the target's owner."""
        caller = Api(api.client, company=target.company, subject=f"user:{owner(target)}")
        made = caller.call("POST", "/api/api-keys", {"name": f"Key {target.number}", "scopes": ["tickets:read"]})
        assert made.status_code == 201, made.text
        return made.json

    def as_user(method_path: str, body: Any) -> Builder:
        def build(target: Target) -> Ask:
            owner(target)
            return Ask(method_path, body, statuses=WRONG_SECRET)

        return build

    def own(path: str, body: Any = None) -> Builder:
        def build(target: Target) -> Ask:
            owner(target)
            return Ask(path, body)

        return build

    def connection(target: Target) -> str:
        """Store a connection of the target's company; nothing calls its provider, for its secret can't be read."""
        return str(
            execute(
                "insert into sso_connections (company_id, id, name, issuer, client_id, client_secret_sealed, scopes,"
                " domains, default_role, create_users, verified_claim, is_active)"
                " values (%s, gen_random_uuid(), %s, 'https://idp.invalid', 'c', 'x', '{openid}', '{acme.example}',"
                " 'requester', true, 'email_verified', true) returning id",
                target.company, f"C{target.number}",
            )
        )  # fmt: skip

    def of_connection(suffix: str = "", body: Any = None) -> Builder:
        return lambda target: Ask(f"/api/sso/connections/{connection(target)}{suffix}", body)

    def link(target: Target) -> Ask:
        owner(target)
        # 409: without PUBLIC_URL no provider could send anybody back.
        return Ask(f"/api/auth/sso/{connection(target)}/link", {}, statuses=frozenset({409}))

    def identity(target: Target, issuer: str = "https://i") -> int:
        return int(
            execute(
                "insert into user_identities (company_id, user_id, issuer, subject) values (%s, %s, %s, %s)"
                " returning id",
                target.company, owner(target), issuer, f"subject {target.number}",
            )
        )  # fmt: skip

    def one_of_two_identities(target: Target) -> Ask:
        identity(target, "https://another")  # the only way in can't be removed
        return Ask(f"/api/me/identities/{identity(target)}")

    new_connection = {"name": "N", "issuer": "https://idp.invalid", "client_id": "c", "domains": ["acme.example"]}
    return {
        **shared_builders(made),
        "GET /api/sso/connections": lambda target: Ask(
            "/api/sso/connections?limit=100", shows=f'"{connection(target)}"'
        ),
        "POST /api/sso/connections": lambda _: Ask("/api/sso/connections", new_connection),
        "POST /api/sso/connections (client_id)": lambda target: Ask(
            "/api/sso/connections", {**new_connection, "client_id": f"client of {target.company}".replace(" ", "-")}
        ),
        "GET /api/sso/connections/{connection_id}": of_connection(),
        "PATCH /api/sso/connections/{connection_id}": of_connection(body={"name": "Changed"}),
        "PATCH /api/sso/connections/{connection_id} (client_id)": of_connection(body={"client_id": "changed"}),
        "DELETE /api/sso/connections/{connection_id}": of_connection(),
        "POST /api/sso/connections/{connection_id}/check": of_connection("/check"),
        "POST /api/auth/sso/{connection_id}/link": link,
        "GET /api/me/identities": lambda target: Ask("/api/me/identities?limit=100", shows=f'"id":{identity(target)},'),
        "DELETE /api/me/identities/{identity_id}": one_of_two_identities,
        "GET /api/me": own("/api/me"),
        "PATCH /api/me": own("/api/me", {"preferences": {"language": "de"}}),
        "GET /api/users": listed_user,
        "POST /api/users": lambda target: Ask(
            "/api/users", {"email": f"a{target.number}@example.org", "username": f"A{target.number}", "role": "agent"}
        ),
        "GET /api/users/{user_id}": of_user(),
        "PATCH /api/users/{user_id}": of_user(change=True),
        "DELETE /api/users/{user_id}": of_user(),
        "POST /api/me/email": as_user("/api/me/email", {"email": "new@example.org", "password": "not this one"}),
        "POST /api/users/{user_id}/email-verification": with_email_change,
        "POST /api/users/{user_id}/password-reset": of_user("/password-reset"),
        "DELETE /api/users/{user_id}/totp": with_second_factor,
        "GET /api/invitations": listed_invitation,
        "POST /api/invitations": lambda target: Ask(
            "/api/invitations", {"email": f"b{target.number}@example.org", "role": "agent"}
        ),
        "DELETE /api/invitations/{invitation_id}": lambda target: Ask(f"/api/invitations/{invitation(target)}"),
        "GET /api/sessions": lambda target: Ask("/api/sessions?limit=100", shows=session(target)),
        "GET /api/sessions (user_id)": lambda target: Ask(
            f"/api/sessions?limit=100&user_id={owner(target)}", shows=session(target)
        ),
        "GET /api/sessions/{session_id}": lambda target: Ask(f"/api/sessions/{session(target)}"),
        "DELETE /api/sessions/{session_id}": lambda target: Ask(f"/api/sessions/{session(target)}"),
        "DELETE /api/sessions": lambda target: session(target) and Ask("/api/sessions"),
        "GET /api/api-keys": lambda target: Ask("/api/api-keys?limit=100", shows=f'"{key(target)["id"]}"'),
        "POST /api/api-keys": own("/api/api-keys", {"name": "K", "scopes": ["tickets:read"]}),
        "DELETE /api/api-keys/{key_id}": lambda target: Ask(f"/api/api-keys/{key(target)['id']}"),
        "POST /api/auth/password/change": as_user(
            "/api/auth/password/change", {"current_password": "not this one", "new_password": "seven small blue boats"}
        ),
        "POST /api/auth/totp/enable": as_user("/api/auth/totp/enable", {"password": "not this one"}),
        "POST /api/auth/totp/confirm": as_user("/api/auth/totp/confirm", {"code": "000000"}),
        "POST /api/auth/totp/disable": as_user(
            "/api/auth/totp/disable", {"password": "not this one", "code": "000000"}
        ),
        "GET /internal/revocations": lambda _: Ask("/internal/revocations", subject="api-gateway"),
        "POST /internal/api-keys/verify": lambda target: Ask("/internal/api-keys/verify", {"key": key(target)["key"]}),
        "POST /internal/users/{user_id}/password-reset": lambda target: Ask(
            f"/internal/users/{user(target)}/password-reset"
        ),
        "POST /internal/invitations/{invitation_id}/token": lambda target: Ask(
            f"/internal/invitations/{invitation(target)}/token"
        ),
        "POST /internal/users/{user_id}/email-verification": mailed_verification,
        "GET /api/companies": lambda target: Ask("/api/companies", shows=f'"company_id":{target.company},'),
        "GET /api/companies/{company_id}": company(),
        "PATCH /api/companies/{company_id}": company(change=True),
        "PUT /api/companies/{company_id}": company(change=True),
        "DELETE /api/companies/{company_id}": lambda target: Ask(
            f"/api/companies/{target.company}?confirm=Demo+company", statuses=OPERATORS_COMPANY
        ),
        "GET /api/teams": listed,
        "POST /api/teams": lambda target: Ask("/api/teams", {"name": f"New {target.number}"}),
        "GET /api/teams/{team_id}": of_team(),
        "PATCH /api/teams/{team_id}": of_team(body={"description": "changed"}),
        "PUT /api/teams/{team_id}": of_team(body={"description": "changed"}),
        "DELETE /api/teams/{team_id}": of_team(),
        "GET /api/teams/{team_id}/members": of_team("/members"),
        "POST /api/teams/{team_id}/members": of_team(
            "/members", {"email": "new@example.org", "name": "New", "role": "agent"}
        ),
        "PATCH /api/teams/{team_id}/members/{email}": of_team(f"/members/{ADDRESS}", {"skills": ["French"]}),
        "DELETE /api/teams/{team_id}/members/{email}": of_team(f"/members/{ADDRESS}"),
    }


class TestPolicy(PolicyTests):
    """The service against its rows."""

    calls = Api
    audited_elsewhere = PROVEN_IN_TEST_AUDIT
