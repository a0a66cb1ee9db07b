"""Establishes who sends a request, from an access token, an API key or development mode."""

import time
from dataclasses import replace

from msgspec import structs
from service_kit.http.problems import Invalid, Unauthorized
from service_kit.identity.api_keys import PREFIX

from api_gateway.authentication.access_tokens import AccessTokens
from api_gateway.authentication.api_keys import ApiKeys
from api_gateway.authentication.auth_service import AuthService, unavailable
from api_gateway.authentication.background import Background, Task
from api_gateway.authentication.development import DEVELOPER, ForeignPages
from api_gateway.authentication.identity import Identity, invalid_token
from api_gateway.authentication.revocations import Revocations
from api_gateway.messages import Request
from api_gateway.settings import Settings

FIRST_ROUND_SECONDS = 3.0
"""How long the first request with a token waits for the keys and revocations."""


class Authenticator:
    """Accepts access tokens and API keys and, in development mode, requests without either."""

    def __init__(self, settings: Settings, auth_service: AuthService) -> None:
        self._development = settings.development
        self._foreign_pages = ForeignPages(settings)
        self._access_tokens = AccessTokens(settings.issuer, auth_service.key_set)
        self._api_keys = ApiKeys(auth_service.verify_key)
        self._revocations = Revocations(auth_service.revocations)
        self._background = Background(
            [
                Task("keys of access tokens", settings.jwks_seconds, self._access_tokens.refresh),
                Task("revocations", settings.revocation_seconds, self._revocations.refresh),
            ]
        )

    def identify(self, request: Request) -> Identity:
        """Return who sends a request, with the client's address.

        Raises Unauthorized (401), Unavailable (503) where a token can't be verified now, Forbidden (403) for a request
        of a foreign page in development mode, and Invalid (400) for credentials in two headers.
        """
        token = _token(request)
        if token is not None:
            identity = self._owner(token)
        elif self._development:
            self._foreign_pages.refuse(request)
            identity = Identity(DEVELOPER, time.time())
        else:
            raise Unauthorized("A bearer token or an API key is needed.")
        return replace(identity, caller=structs.replace(identity.caller, address=request.address))

    def why_ended(self, identity: Identity) -> str | None:
        """Return why an identity that was good is good no longer; None where it still is."""
        if time.time() >= identity.expires_at:
            return "token_expired"
        return "revoked" if self._revocations.refuse(identity) else None

    def refuse_revoked(self, identity: Identity) -> None:
        """Raise Unauthorized for an identity that is good no longer, Unavailable (503) where that is not known."""
        if self._development and identity.caller == structs.replace(DEVELOPER, address=identity.caller.address):
            return
        self._background.begin(FIRST_ROUND_SECONDS)
        if not self._revocations.known:
            raise unavailable()
        if self.why_ended(identity) is not None:
            raise invalid_token()

    def close(self) -> None:
        """Stop fetching keys and revocations."""
        self._background.close()

    def _owner(self, token: str) -> Identity:
        self._background.begin(FIRST_ROUND_SECONDS)
        identity = self._identify(token)
        if not self._revocations.known:
            raise unavailable()
        if self._revocations.refuse(identity):
            # A key may be valid still, with another role, which auth-service knows.
            identity = self._identify_again(token, identity)
        return identity

    def _identify(self, token: str) -> Identity:
        return (self._api_keys if token.startswith(PREFIX) else self._access_tokens).identify(token)

    def _identify_again(self, token: str, identity: Identity) -> Identity:
        if not identity.key_id or self._revocations.refuse_key(identity.key_id):
            raise invalid_token()
        self._api_keys.forget(token)
        return self._api_keys.identify(token)


def _token(request: Request) -> str | None:
    """Return the access token or API key of a request, None where it has no credentials.

    Raises Unauthorized for a malformed header.
    """
    bearer, key = request.environ.get("HTTP_AUTHORIZATION"), request.environ.get("HTTP_X_API_KEY")
    if bearer is not None and key is not None:
        raise Invalid("Send either Authorization or X-API-Key, not both.")
    if key is not None:
        token, is_well_formed = key.strip(), key.strip().startswith(PREFIX)
    elif bearer is not None:
        scheme, _, token = bearer.partition(" ")
        token, is_well_formed = token.strip(), scheme.lower() == "bearer"
    else:
        return None
    if not is_well_formed or not token or not token.isascii():
        raise invalid_token()
    return token
