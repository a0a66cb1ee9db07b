"""The settings of auth-service."""

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from outbound_kit.addresses import BadNetwork, Network, networks
from service_kit.identity.access_tokens import DEFAULT_ISSUER
from service_kit.service_settings import MAKE_SECRETS, ServiceSettings, fault_of_key, read_service_settings
from service_kit.settings import Reader

from auth_service.domain.invitation import InvitationLimits

NAME = "auth-service"
SCHEMA = "auth"
PORT = 5006
MAX_URL_CHARACTERS = 200
OPEN, INVITATION = "open", "invitation"
MAX_PARALLEL_HASHES = 4
"""By default: each hash takes 46 MiB, and compose limits the memory of a container with two processes."""
PROVING_ISSUERS = "https://accounts.google.com"
DEVELOPMENT_SECRET = base64.b64encode(hashlib.sha256(b"smart-ticket development secret of auth-service").digest())


@dataclass(frozen=True)
class Settings(ServiceSettings):
    """The common settings and this service's own."""

    key_secret: bytes = field(repr=False)
    """Encrypts signing keys and other secrets in the database: 32 bytes."""
    issuer: str
    """The issuer of access tokens: the address at which people reach the system, or a name."""
    open_registration: bool
    """Whether everybody may found a company; invited people register in any case."""
    parallel_hashes: int
    """How many passwords a process hashes at the same time, at least 1."""
    sso_deadline_seconds: float
    """The time for all calls to an identity provider in one step of a sign-in."""
    sso_max_answer_kb: int
    """The largest answer of an identity provider."""
    sso_parallel_calls: int
    """How many calls to identity providers a process makes at the same time."""
    sso_allowed_networks: tuple[Network, ...]
    """Private networks in which identity providers may stand."""
    sso_proving_issuers: frozenset[str]
    """The identity providers that prove addresses for every company, by issuer."""
    invitation_limits: InvitationLimits
    """How many invitations a company makes."""
    announce_days: int
    """After how many days companies, teams and people are announced again."""

    @property
    def sign_in_slots(self) -> int:
        """Return how many threads signing in may hold; the others stay free for keys, revocations and the rest."""
        return max(self.http_threads - max(self.http_threads // 8, 2), 1)


def read_settings(mapping: Mapping[str, str]) -> Settings:
    """Read the settings; raise BadSettings with every fault found."""
    reader = Reader(mapping)
    common = read_service_settings(reader, service=NAME, schema=SCHEMA, port=PORT)
    # Threads that wait for a hash are cheap, and people who sign in at the same time each hold one.
    common["http_threads"] = reader.integer("HTTP_THREADS", 32, minimum=4, maximum=256)
    settings = Settings(
        **common,
        key_secret=_key_secret(reader, ServiceSettings(**common).development),
        issuer=_issuer(reader),
        open_registration=reader.text("REGISTRATION", OPEN, choices=frozenset({OPEN, INVITATION})) == OPEN,
        parallel_hashes=reader.integer("AUTH_PARALLEL_HASHES", 0, maximum=256) or _parallel_hashes(),
        sso_deadline_seconds=reader.number("SSO_DEADLINE_SECONDS", 5.0, minimum=0.1, maximum=60),
        sso_max_answer_kb=reader.integer("SSO_MAX_ANSWER_KB", 256, minimum=1, maximum=10_240),
        sso_parallel_calls=reader.integer("SSO_PARALLEL_CALLS", 4, minimum=1, maximum=256),
        sso_allowed_networks=_networks(reader),
        sso_proving_issuers=_issuers(reader),
        invitation_limits=InvitationLimits(
            per_hour=reader.integer("INVITATIONS_PER_HOUR", 50, minimum=1, maximum=10_000),
            per_day=reader.integer("INVITATIONS_PER_DAY", 200, minimum=1, maximum=100_000),
            max_open=reader.integer("INVITATIONS_MAX_OPEN", 500, minimum=1, maximum=100_000),
        ),
        # Below the seven days for which the outbox keeps an event.
        announce_days=reader.integer("ANNOUNCE_DAYS", 3, minimum=1, maximum=6),
    )
    reader.finish()
    return settings


def _key_secret(reader: Reader, development: bool) -> bytes:
    default = DEVELOPMENT_SECRET.decode()
    given = reader.text("AUTH_KEY_SECRET", default if development else "")
    if fault := fault_of_key(given, {default}, development):
        reader.faults.append(f"AUTH_KEY_SECRET {fault}; {MAKE_SECRETS}")
        return b""
    return base64.b64decode(given)


def _networks(reader: Reader) -> tuple[Network, ...]:
    try:
        return networks(reader.text("SSO_ALLOWED_NETWORKS"))
    except BadNetwork as error:
        reader.faults.append(f"SSO_ALLOWED_NETWORKS {error}")
        return ()


def _issuers(reader: Reader) -> frozenset[str]:
    given = reader.text("SSO_PROVING_ISSUERS", PROVING_ISSUERS).replace(",", " ").split()
    return frozenset() if given == ["none"] else frozenset(given)


def _parallel_hashes() -> int:
    return min(os.cpu_count() or 1, MAX_PARALLEL_HASHES)


def _issuer(reader: Reader) -> str:
    url = reader.text("PUBLIC_URL", DEFAULT_ISSUER).rstrip("/")
    if len(url) > MAX_URL_CHARACTERS:
        reader.faults.append(f"PUBLIC_URL is longer than {MAX_URL_CHARACTERS} characters")
    return url
