"""Reads mailboxes by IMAP, encrypted, only at permitted addresses, and without changing anything there."""

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from ipaddress import ip_address
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError
from outbound_kit.addresses import Network, permitted

from notification_service.domain.mailbox import Security
from notification_service.ports import ImapServer, MailServerDown

UNREACHABLE = "the server can't be reached, or the connection is lost"
BODY, SIZE = b"BODY[]", b"RFC822.SIZE"
NAMING_HEADERS = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE FROM SUBJECT)]<0.4000>"


class ImapFolder:
    """An open folder of a mailbox."""

    def __init__(self, client: Any, selected: dict[bytes, Any]) -> None:
        self._client = client
        self.uid_validity = int(selected[b"UIDVALIDITY"])
        self.uid_next = int(selected.get(b"UIDNEXT", 1))

    def after(self, uid: int) -> list[int]:
        """Return the numbers of the mails after a number, in order."""
        # A range that begins after the last mail has the last mail in it.
        return sorted(each for each in self._search(["UID", f"{uid + 1}:*"]) if each > uid)

    def since(self, day: date) -> list[int]:
        """Return the numbers of the mails that have arrived since a day, in order."""
        return sorted(self._search(["SINCE", day]))

    def size(self, uid: int) -> int | None:
        """Return the size of a mail in bytes, None where it is gone; raise MailServerDown."""
        found = self._fetch(uid, "RFC822.SIZE")
        return None if found is None or SIZE not in found else int(found[SIZE])

    def content(self, uid: int) -> bytes | None:
        """Return a mail without marking it as read, None where it is gone; raise MailServerDown."""
        found = self._fetch(uid, "BODY.PEEK[]")
        return None if found is None or found.get(BODY) is None else bytes(found[BODY])

    def headers(self, uid: int) -> bytes:
        """Return the headers that tell a mail from others, b'' without any; raise MailServerDown."""
        found = self._fetch(uid, NAMING_HEADERS) or {}
        return next((bytes(value) for name, value in found.items() if name.startswith(b"BODY[HEADER") and value), b"")

    def _fetch(self, uid: int, what: str) -> Any:
        with _reported():
            return self._client.fetch([uid], [what]).get(uid)

    def _search(self, criteria: Sequence[Any]) -> list[int]:
        with _reported():
            return [int(each) for each in self._client.search(criteria)]


@dataclass(frozen=True)
class ImapReader:
    """Opens folders; threads share it."""

    timeout_seconds: float
    allowed_networks: Sequence[Network]
    development: bool
    unencrypted_networks: Sequence[Network] = ()
    """Where passwords may be sent without encryption; in development also on this machine."""
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    @contextmanager
    def open(self, server: ImapServer) -> Iterator[ImapFolder]:
        """Open a mailbox's folder for reading; raise MailServerDown."""
        self._check_name(server)
        with _reported():
            client = IMAPClient(
                server.host,
                server.port,
                ssl=server.security is Security.TLS,
                ssl_context=self.context if server.security is Security.TLS else None,
                timeout=SocketTimeout(self.timeout_seconds, self.timeout_seconds),
            )
        try:
            with _reported():
                # The name was resolved again for the connection. Nothing has been sent yet but what opens it.
                address = str(client.socket().getpeername()[0])
                self._check(address)
                if server.security is Security.NONE:
                    self._check_unencrypted(address)
                elif server.security is Security.STARTTLS:
                    client.starttls(self.context)
                client.login(server.username, server.password)
                selected = client.select_folder(server.folder, readonly=True)
                folder = ImapFolder(client, selected)
            yield folder
        finally:
            with suppress(Exception):
                client.logout()
            with suppress(Exception):
                client.shutdown()

    def _check_name(self, server: ImapServer) -> None:
        try:
            found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise MailServerDown("the name of the server can't be resolved") from error
        for place in found:
            self._check(str(place[4][0]))

    def _check(self, address: str) -> None:
        if not permitted(address, self.allowed_networks, development=self.development):
            raise MailServerDown("the server is at a private address; the operator can allow it: IMAP_ALLOWED_NETWORKS")

    def _check_unencrypted(self, address: str) -> None:
        found = ip_address(address.partition("%")[0])
        within = any(found.version == each.version and found in each for each in self.unencrypted_networks)
        if not within and not (self.development and found.is_loopback):
            raise MailServerDown(
                "passwords are sent encrypted; the operator can allow the server's network: IMAP_UNENCRYPTED_NETWORKS"
            )


@contextmanager
def _reported() -> Iterator[None]:
    """Raise MailServerDown with a reason for people; the server's own words are left out."""
    try:
        yield
    except LoginError as error:
        raise MailServerDown("the server refuses the user name or the password") from error
    except CapabilityError as error:
        raise MailServerDown("the server offers no encryption by STARTTLS") from error
    except IMAPClientAbortError as error:
        raise MailServerDown(UNREACHABLE) from error
    except IMAPClientError as error:
        raise MailServerDown("the server refuses the folder or the command") from error
    except ssl.SSLError as error:
        raise MailServerDown("the connection can't be encrypted, or the certificate isn't valid") from error
    except (OSError, EOFError) as error:
        raise MailServerDown(UNREACHABLE) from error
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise MailServerDown("the server's answer can't be read") from error
