"""Asks auth-service for the tokens of links in mails, as a service of the account's company."""

from collections.abc import Mapping
from datetime import datetime

import orjson
from service_kit.http_client import ServiceClient, UpstreamTimeout, UpstreamUnavailable
from service_kit.identity import HEADER, SERVICE, Caller, TokenSigner

from notification_service.domain.account_mail import Link, LinksDown, NoLink

AUTH = "auth-service"
NO_LINK_STATUSES = {404, 409}


class HttpAccountLinks:
    """Links of accounts, asked for over HTTP."""

    def __init__(self, client: ServiceClient, signer: TokenSigner, name: str) -> None:
        """`name` is the name of the calling service."""
        self._client = client
        self._signer = signer
        self._name = name

    def password_reset(self, company_id: int, user_id: int) -> Link:
        """Return a new link for a new password; raise NoLink, LinksDown."""
        return self._link(company_id, f"/internal/users/{user_id}/password-reset")

    def email_verification(self, company_id: int, user_id: int, email: str) -> Link:
        """Return a new link that confirms an address; raise NoLink, also once another one is asked for, LinksDown."""
        return self._link(company_id, f"/internal/users/{user_id}/email-verification", {"email": email})

    def invitation(self, company_id: int, invitation_id: int) -> Link:
        """Return a new link by which an invited person joins; raise NoLink, LinksDown."""
        return self._link(company_id, f"/internal/invitations/{invitation_id}/token")

    def _link(self, company_id: int, path: str, body: Mapping[str, str] | None = None) -> Link:
        caller = Caller(company_id=company_id, role=SERVICE, subject=self._name, name=self._name)
        headers = {HEADER: self._signer.sign(caller, AUTH)}
        content = None
        if body is not None:
            headers["Content-Type"], content = "application/json", orjson.dumps(body)
        try:
            reply = self._client.request("POST", path, headers=headers, body=content)
        except (UpstreamUnavailable, UpstreamTimeout) as error:
            raise LinksDown(str(error)) from error
        answer = _parsed(reply.body)
        code = str(answer.get("code", ""))
        # Without a code of its own the path is unknown there: another version runs.
        if reply.status in NO_LINK_STATUSES and code.endswith(("_not_found", "_inactive")):
            raise NoLink(f"{AUTH} answered {code}")
        if reply.status != 201:
            raise LinksDown(f"{AUTH} answered {reply.status}")
        return Link(answer["token"], answer["email"], datetime.fromisoformat(answer["expires_at"]))


def _parsed(body: bytes) -> Mapping[str, str]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
