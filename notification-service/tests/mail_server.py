"""A real SMTP server on this machine (aiosmtpd) that keeps what it takes, and fails as a test asks."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from threading import Event
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

OK = "250 taken"
DROP, HANG = "drop", "hang"
HANG_SECONDS = 60


@dataclass
class MailServer:
    """Answers `rcpt` and `data`; `drop` closes the connection instead, `hang` never answers."""

    rcpt: str = OK
    data: str = OK
    mails: list[EmailMessage] = field(default_factory=list)
    """The mails whose content arrived as a whole, whatever was answered."""
    contents: list[bytes] = field(default_factory=list)
    """The same as they arrived."""
    recipients: list[str] = field(default_factory=list)
    offered: int = 0
    hanging: Event = field(default_factory=Event)
    """Set once an answer is held back."""
    port: int = 0

    async def handle_RCPT(
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer RCPT TO."""
        self.offered += 1
        answer = await self._answer(server, self.rcpt)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep the content and answer its end."""
        content = envelope.original_content
        assert content is not None
        self.contents.append(content if isinstance(content, bytes) else content.encode())
        self.mails.append(message_from_bytes(content, policy=default))  # type: ignore[arg-type]
        self.recipients += envelope.rcpt_tos
        return await self._answer(server, self.data)

    async def _answer(self, server: SMTP, answer: str) -> str:
        if answer == DROP:
            assert server.transport is not None
            server.transport.abort()
        if answer == HANG:
            self.hanging.set()
            loop = server.loop
            await loop.run_in_executor(None, self.released.wait, HANG_SECONDS)
        return OK if answer in (DROP, HANG) else answer

    def __post_init__(self) -> None:
        """Make the flag that ends a hanging answer."""
        self.released = Event()


@contextmanager
def mail_server(context: ssl.SSLContext | None = None, *, utf8: bool = True, **answers: Any) -> Iterator[MailServer]:
    """Serve on a free port; with a TLS context by STARTTLS alone, with or without SMTPUTF8."""
    server = MailServer(**answers)
    options: dict[str, Any] = {"tls_context": context, "require_starttls": True} if context else {}
    with socket.create_server(("127.0.0.1", 0)) as free:
        server.port = free.getsockname()[1]  # the controller can't choose a free one itself
    controller = Controller(server, hostname="127.0.0.1", port=server.port, enable_SMTPUTF8=utf8, **options)
    controller.start()
    try:
        yield server
    finally:
        server.released.set()
        controller.stop()
