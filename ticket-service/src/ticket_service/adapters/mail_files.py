"""Asks notification-service for the files of mails, as a service of the mail's company."""

from service_kit.http_client import ServiceClient, UpstreamTimeout, UpstreamUnavailable
from service_kit.identity import HEADER, SERVICE, Caller, TokenSigner

from ticket_service.ports import MailFileGone, MailFilesDown

NOTIFICATION = "notification-service"


class HttpMailFiles:
    """The files of mails, asked for over HTTP."""

    def __init__(self, client: ServiceClient, signer: TokenSigner, name: str) -> None:
        """`name` is the name of the calling service."""
        self._client = client
        self._signer = signer
        self._name = name

    def content(self, company_id: int, mail_id: int, position: int) -> bytes:
        """Return the content of a file; raise MailFileGone, MailFilesDown."""
        caller = Caller(company_id=company_id, role=SERVICE, subject=self._name, name=self._name)
        headers = {HEADER: self._signer.sign(caller, NOTIFICATION)}
        try:
            reply = self._client.request("GET", f"/internal/mails/{mail_id}/files/{position}", headers=headers)
        except (UpstreamUnavailable, UpstreamTimeout) as error:
            raise MailFilesDown(str(error)) from error
        if reply.status == 404:
            raise MailFileGone
        if reply.status != 200:
            raise MailFilesDown(f"the answer was {reply.status}")
        return reply.body
