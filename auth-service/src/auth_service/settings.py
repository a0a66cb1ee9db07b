"""The settings of auth-service."""

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from service_kit.identity.access_tokens import DEFAULT_ISSUER
from service_kit.service_settings import ServiceSettings, read_service_settings
from service_kit.settings import Reader

NAME = "auth-service"
SCHEMA = "auth"
PORT = 5006
SECRET_BYTES = 32
MAX_URL_CHARACTERS = 200
MAX_PARALLEL_HASHES = 4
"""By default: each hash takes 46 MiB, and compose limits the memory of a container with two processes."""
DEVELOPMENT_SECRET = base64.b64encode(hashlib.sha256(b"smart-ticket development secret of auth-service").digest())


@dataclass(frozen=True)
class Settings(ServiceSettings):
    """The common settings and this service's own."""

    key_secret: bytes = field(repr=False)
    """Encrypts signing keys and other secrets in the database: 32 bytes."""
    issuer: str
    """The issuer of access tokens: the address at which people reach the system, or a name."""
    parallel_hashes: int
    """How many passwords a process hashes at the same time, at least 1."""


def read_settings(mapping: Mapping[str, str]) -> Settings:
    """Read the settings; raise BadSettings with every fault found."""
    reader = Reader(mapping)
    common = read_service_settings(reader, service=NAME, schema=SCHEMA, port=PORT)
    settings = Settings(
        **common,
        key_secret=_key_secret(reader, ServiceSettings(**common).development),
        issuer=_issuer(reader),
        parallel_hashes=reader.integer("AUTH_PARALLEL_HASHES", 0, maximum=256) or _parallel_hashes(),
    )
    reader.finish()
    return settings


def _key_secret(reader: Reader, development: bool) -> bytes:
    given = reader.text("AUTH_KEY_SECRET", DEVELOPMENT_SECRET.decode() if development else "")
    if not given:
        reader.faults.append("AUTH_KEY_SECRET must hold 32 random bytes in base64; `smart-ticket secrets` prints some")
        return b""
    try:
        secret = base64.b64decode(given, validate=True)
    except ValueError:
        secret = b""
    if len(secret) != SECRET_BYTES:
        reader.faults.append(f"AUTH_KEY_SECRET must be the base64 of {SECRET_BYTES} bytes")
    elif not development and given.encode() == DEVELOPMENT_SECRET:
        reader.faults.append("AUTH_KEY_SECRET is development mode's; make one of your own")
    return secret


def _parallel_hashes() -> int:
    return min(os.cpu_count() or 1, MAX_PARALLEL_HASHES)


def _issuer(reader: Reader) -> str:
    url = reader.text("PUBLIC_URL", DEFAULT_ISSUER).rstrip("/")
    if len(url) > MAX_URL_CHARACTERS:
        reader.faults.append(f"PUBLIC_URL is longer than {MAX_URL_CHARACTERS} characters")
    return url
