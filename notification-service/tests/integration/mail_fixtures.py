"""People of a company, a mail server, and who sends the mails that are due."""

from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from notification_service.adapters.account_links import AUTH, HttpAccountLinks
from notification_service.adapters.smtp import SmtpMailer
from notification_service.adapters.templates import JinjaRenderer
from notification_service.domain.mail.threads import ReplyTags
from notification_service.domain.mail_rules import MailRules
from notification_service.domain.unsubscribing import UnsubscribeLinks
from notification_service.settings import NAME
from notification_service.usecases.send_mail import MailSender, send_next
from service_kit.database.engine import Database
from service_kit.http_client import ServiceClient
from service_kit.identity import TokenSigner
from service_kit.service_settings import development_signing_key
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import MAIL, Desk
from ..mail_server import MailServer, mail_server

ANN, RIA, MAX = 7, 9, 10
MOST_BOUNCES = 3
PUBLIC_URL = "https://desk.example"
NOBODY = "http://127.0.0.1:1"
LINKS = UnsubscribeLinks(b"key", PUBLIC_URL)
TAGS = ReplyTags(b"key")
RULES = MailRules(frozenset({1}), 3)
"""The demo company is the operator's."""


@pytest.fixture
def staffed(desk: Desk) -> Desk:
    """A company with an agent, a requester and a manager."""
    for number, role in ((ANN, "agent"), (RIA, "requester"), (MAX, "manager")):
        desk.user(number, role)
    return desk


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that takes everything."""
    with mail_server() as served:
        yield served


def text_of(mail: EmailMessage) -> str:
    """Return the text part of a mail."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def sender_of(database: Database, server: MailServer, auth_url: str = NOBODY) -> MailSender:
    """Return who sends by a mail server, with links of an auth-service."""
    mailer = SmtpMailer("127.0.0.1", server.port, "none", MAIL["SMTP_FROM"])
    signer = TokenSigner(NAME, development_signing_key(NAME))
    links = HttpAccountLinks(ServiceClient(AUTH, auth_url), signer, NAME)
    return MailSender(database, mailer, JinjaRenderer(), LINKS, TAGS, MOST_BOUNCES, links, PUBLIC_URL, RULES)


class Post:
    """Sends what is due, and lets time pass."""

    def __init__(self, database: Database, made: ServiceDatabase, server: MailServer) -> None:
        """Send to a server."""
        self.database, self.made = database, made
        self.sender = sender_of(database, server)

    def send(self) -> None:
        """Send what is due now."""
        while send_next(self.sender):
            pass

    def later(self, seconds: float) -> None:
        """Let all deliveries be so much older."""
        with self.made.admin() as connection, connection.cursor() as cursor:
            cursor.execute(
                "update deliveries set next_try_at = next_try_at - make_interval(secs => %(s)s),"
                " claimed_at = claimed_at - make_interval(secs => %(s)s)",
                {"s": seconds},
            )

    def send_later(self, seconds: float) -> None:
        """Let time pass and send what is due then."""
        self.later(seconds)
        self.send()


@pytest.fixture
def post(database: Database, made: ServiceDatabase, server: MailServer) -> Post:
    """Who sends."""
    return Post(database, made, server)
