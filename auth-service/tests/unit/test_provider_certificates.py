"""Providers over TLS: only a trusted certificate of that very name counts, and a handshake has an end."""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from auth_service.adapters.provider_http import Limits, ProviderHttp, ProviderUnavailable
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

LIMITS = Limits(deadline_seconds=3, max_bytes=1000, max_calls=2, allowed_networks=(), development=True)
Serve = Callable[..., str]


class Hello(BaseHTTPRequestHandler):
    """Answers everything with {}."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


class Quiet(ThreadingHTTPServer):
    """A client that refuses the certificate is part of these tests."""

    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Print nothing."""


def certificate(folder: Path, address: str, *, days: int = 1) -> Path:
    """Write a self-signed certificate of an address with its key; return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    file = folder / f"{address}.{days}.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + made.public_bytes(Encoding.PEM))
    return file


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Give a function that serves with a certificate and returns the address."""
    servers = []

    def start(file: Path) -> str:
        server = Quiet(("127.0.0.1", 0), Hello)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        return f"https://127.0.0.1:{server.server_port}/x"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def call(url: str, trusted: Path | None = None) -> Any:
    """Call an address, with one more certificate that is trusted."""
    client = ProviderHttp(LIMITS)
    if trusted is not None:
        client.http.tls.load_verify_locations(trusted)
    return client.call("GET", url, until=time.monotonic() + LIMITS.deadline_seconds)


def test_a_trusted_certificate_of_that_name_counts(serve: Serve, tmp_path: Path) -> None:
    file = certificate(tmp_path, "127.0.0.1")
    assert call(serve(file), trusted=file) == (200, b"{}")


def test_an_untrusted_certificate_is_refused(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(ProviderUnavailable, match="Start the sign-in again"):
        call(serve(certificate(tmp_path, "127.0.0.1")))


def test_a_trusted_certificate_of_another_name_is_refused(serve: Serve, tmp_path: Path) -> None:
    file = certificate(tmp_path, "127.0.0.2")
    with pytest.raises(ProviderUnavailable) as raised:
        call(serve(file), trusted=file)
    assert "certificate is not trusted" in raised.value.reason


def test_an_expired_certificate_is_refused(serve: Serve, tmp_path: Path) -> None:
    file = certificate(tmp_path, "127.0.0.1", days=-1)
    with pytest.raises(ProviderUnavailable) as raised:
        call(serve(file), trusted=file)
    assert "certificate is not trusted" in raised.value.reason


def test_a_handshake_that_never_ends_ends_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(ProviderUnavailable) as raised:
            call(f"https://127.0.0.1:{silent.getsockname()[1]}/x")
        assert "too slow" in raised.value.reason
        assert time.monotonic() - began < LIMITS.deadline_seconds + 10  # a busy machine
