"""The connection to an IMAP server: encrypted with a checked certificate before the password is sent."""

import ssl
from ipaddress import ip_network
from pathlib import Path

import pytest
from notification_service.adapters.imap import ImapReader
from notification_service.domain.mailbox import Security
from notification_service.ports import ImapServer, MailServerDown

from ..imap_server import ImapTestServer, imap_server
from ..mails import mail
from .test_smtp import certificate

__all__ = ["certificate"]


def server_context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def at(server: ImapTestServer, security: Security) -> ImapServer:
    return ImapServer("127.0.0.1", server.port, "desk", "secret", security=security)


def logins(server: ImapTestServer) -> list[str]:
    return [command for command in server.mailbox.commands if command.upper().startswith("LOGIN")]


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_mailbox_is_read_encrypted(certificate: tuple[Path, Path], security: Security) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate[0]))
    with imap_server(server_context(certificate), implicit=security is Security.TLS) as server:
        uid = server.mailbox.add(mail("secret words"))
        reader = ImapReader(5.0, (), development=True, context=trusting)
        with reader.open(at(server, security)) as folder:
            assert folder.after(0) == [uid]
            assert folder.content(uid) == server.mailbox.mails[uid]
    words = [command.split()[0].upper() for command in server.mailbox.commands]
    assert ("STARTTLS" in words) == (security is Security.STARTTLS)
    assert security is Security.TLS or words.index("STARTTLS") < words.index("LOGIN")


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_no_password_is_sent_where_the_certificate_is_not_valid(
    certificate: tuple[Path, Path], security: Security
) -> None:
    with imap_server(server_context(certificate), implicit=security is Security.TLS) as server:
        reader = ImapReader(5.0, (), development=True)
        with pytest.raises(MailServerDown, match="certificate"), reader.open(at(server, security)):
            pass
    assert logins(server) == []


def test_no_password_is_sent_where_the_server_offers_no_encryption() -> None:
    with imap_server() as server:
        reader = ImapReader(5.0, (), development=True)
        with pytest.raises(MailServerDown, match="STARTTLS"), reader.open(at(server, Security.STARTTLS)):
            pass
    assert logins(server) == []


def test_a_password_is_sent_without_encryption_only_in_networks_that_the_operator_allows() -> None:
    own, other = (ip_network("127.0.0.0/8"),), (ip_network("10.0.0.0/8"),)
    with imap_server() as server:
        strict = ImapReader(5.0, own, development=False, unencrypted_networks=other)
        with pytest.raises(MailServerDown, match="IMAP_UNENCRYPTED_NETWORKS"), strict.open(at(server, Security.NONE)):
            pass
        assert logins(server) == []
        allowed = ImapReader(5.0, own, development=False, unencrypted_networks=own)
        with allowed.open(at(server, Security.NONE)):
            assert len(logins(server)) == 1
