"""The gateway's settings."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from service_kit.identity.access_tokens import DEFAULT_ISSUER
from service_kit.service_settings import ServiceSettings, read_service_settings
from service_kit.settings import Reader
from smartticket_contracts.services import services_behind_the_gateway

NAME = "api-gateway"
PORT = 5000
OWN_NAME = "api-gateway"
"""The gateway's name among containers."""
HOST = re.compile(r"\*|(?:\*\.)?[^\s/:@*]+|[0-9a-fA-F:]+")
STORES = {"redis", "rediss", "unix"}
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class RateLimits:
    """Requests per second, and logins per minute; `on` is false where nothing is limited."""

    on: bool
    per_address: int
    per_user: int
    per_company: int
    logins_per_account: int
    logins_per_address: int
    store_url: str
    """The store in which several gateways count together; '' where each process counts for itself."""
    store_seconds: float
    """How long a request may wait for the store."""


@dataclass(frozen=True)
class TunnelLimits:
    """How many connections of real time may be open in one process, in all and per holder."""

    most: int
    per_address: int
    per_user: int
    per_company: int


@dataclass(frozen=True)
class Settings(ServiceSettings):
    """The gateway's settings, read once at start."""

    upstreams: Mapping[str, str]
    """Base URL of every deployed service, by name; a request can't choose another."""
    connect_seconds: float
    deadline_seconds: float
    upstream_share: float
    """The share of all threads that may wait for one service, so that others stay free when it hangs."""
    breaker_failures: int
    breaker_calls: int
    """So many calls in ten seconds open a breaker if half of them failed."""
    breaker_reset_seconds: float
    issuer: str
    """The issuer of access tokens, as auth-service writes it."""
    jwks_seconds: float
    """How often auth-service's public keys are fetched."""
    revocation_seconds: float
    """How often the revoked sessions, users and keys are fetched."""
    hosts: frozenset[str]
    """Host names, besides loopback ones, under which the gateway answers (in development mode without a token)."""
    any_host: bool
    """Whether it answers under every name, because no setting lists its own."""
    cors_origins: frozenset[str]
    rate_limits: RateLimits
    trusted_proxies: tuple[Network, ...]
    live_url: str
    """Base URL of the live process, which serves real time."""
    tunnels: TunnelLimits
    status_ports: Mapping[int, str]
    """The port of each service, on which the gateway answers for a replica; none without STATUS_PORTS."""


def read_settings(mapping: Mapping[str, str]) -> Settings:
    """Read and check the settings; raises BadSettings naming every fault."""
    reader = Reader(mapping)
    common = read_service_settings(reader, service=NAME, schema=None, port=PORT)
    bind = reader.text("HTTP_HOST") or reader.text("GATEWAY_BIND", "127.0.0.1")
    published_on = reader.text("GATEWAY_PUBLISHED_ON") or bind
    development = common["development"]
    if development and not is_loopback(published_on):
        reader.faults.append(
            f"development mode lets everybody in as admin, so it is refused on {published_on}: "
            "set GATEWAY_BIND (or, in a container, GATEWAY_PUBLISHED_ON) to 127.0.0.1, "
            "or SMARTTICKET_ENV=production, where people log in"
        )
    issuer = reader.text("PUBLIC_URL", DEFAULT_ISSUER).rstrip("/")
    hosts = _hosts(reader, issuer)
    common |= {
        "host": bind,
        # One process, so that rate limits are exact; its threads mostly wait for services.
        "http_workers": reader.integer("HTTP_WORKERS", 1, minimum=1, maximum=64),
        "http_threads": reader.integer("HTTP_THREADS", 128, minimum=4, maximum=1024),
    }
    status_ports = _status_ports(reader, common["services"])
    settings = Settings(
        **common,
        upstreams=_upstreams(reader, common["services"]),
        connect_seconds=reader.number("UPSTREAM_CONNECT_SECONDS", 1.0, minimum=0.05, maximum=60),
        deadline_seconds=reader.number("UPSTREAM_DEADLINE_SECONDS", 10.0, minimum=0.1, maximum=600),
        upstream_share=reader.number("UPSTREAM_SHARE", 0.3, minimum=0.01, maximum=1.0),
        breaker_failures=reader.integer("UPSTREAM_BREAKER_FAILURES", 5, minimum=1, maximum=1000),
        breaker_calls=reader.integer("UPSTREAM_BREAKER_CALLS", 20, minimum=2, maximum=1_000_000),
        breaker_reset_seconds=reader.number("UPSTREAM_BREAKER_SECONDS", 2.0, minimum=0.1, maximum=600),
        issuer=issuer,
        jwks_seconds=reader.number("JWKS_SECONDS", 300.0, minimum=1, maximum=3600),
        hosts=hosts,
        any_host="*" in hosts or hosts == {OWN_NAME},
        revocation_seconds=reader.number("REVOCATION_POLL_SECONDS", 2.0, minimum=0.1, maximum=10),
        cors_origins=_origins(reader),
        rate_limits=RateLimits(
            on=reader.flag("RATE_LIMITS", default=not development),
            per_address=reader.integer("RATE_LIMIT_PER_ADDRESS", 300, minimum=1),
            per_user=reader.integer("RATE_LIMIT_PER_USER", 100, minimum=1),
            per_company=reader.integer("RATE_LIMIT_PER_COMPANY", 600, minimum=1),
            logins_per_account=reader.integer("RATE_LIMIT_LOGINS_PER_ACCOUNT", 5, minimum=1),
            logins_per_address=reader.integer("RATE_LIMIT_LOGINS_PER_ADDRESS", 20, minimum=1),
            store_url=_store_url(reader),
            store_seconds=reader.number("RATE_LIMIT_STORE_SECONDS", 0.1, minimum=0.001, maximum=5),
        ),
        trusted_proxies=_networks(reader),
        live_url=_url(reader, "real time", reader.text("LIVE_URL", "http://127.0.0.1:5017")),
        tunnels=TunnelLimits(
            most=reader.integer("TUNNELS", 4_000, minimum=1, maximum=30_000),
            per_address=reader.integer("TUNNELS_PER_ADDRESS", 500, minimum=1),
            per_user=reader.integer("TUNNELS_PER_USER", 50, minimum=1),
            per_company=reader.integer("TUNNELS_PER_COMPANY", 2_000, minimum=1),
        ),
        drain_seconds=reader.number("DRAIN_SECONDS", 0.0 if development else 5.0, minimum=0, maximum=20),
        status_ports=status_ports,
        more_ports=tuple(status_ports),
    )
    reader.finish()
    return settings


def is_loopback(host: str) -> bool:
    """Return whether a host is a loopback address or localhost."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _upstreams(reader: Reader, services: tuple[str, ...]) -> dict[str, str]:
    behind = services_behind_the_gateway()
    urls = {each.name: _url(reader, each.name, reader.text(each.url_setting, each.url)) for each in behind}
    return {name: url for name, url in urls.items() if name in services}


def _url(reader: Reader, name: str, url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        reader.faults.append(f"the address of {name} must be http://host:port, not {url!r}")
    return url.rstrip("/")


def _origins(reader: Reader) -> frozenset[str]:
    origins = frozenset(origin.rstrip("/").lower() for origin in _list(reader.text("CORS_ORIGINS")))
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or "*" in origin:
            reader.faults.append(f"CORS_ORIGINS must list origins like https://desk.example, not {origin!r}")
    return origins


def _hosts(reader: Reader, public_url: str) -> frozenset[str]:
    """Return the names of the list and of the public address, as clients write them."""
    listed = _list(reader.text("GATEWAY_HOSTS", OWN_NAME))
    for name in listed:
        if not HOST.fullmatch(name):
            reader.faults.append(f"GATEWAY_HOSTS must list names like desk.example or *.desk.example, not {name!r}")
    public = urlsplit(public_url).hostname if "://" in public_url else None
    return frozenset(_ascii(name.lower().rstrip(".")) for name in (*listed, *([public] if public else [])))


def _ascii(name: str) -> str:
    try:
        return name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        return name


def _store_url(reader: Reader) -> str:
    url = reader.text("RATE_LIMIT_STORE_URL")
    if url and urlsplit(url).scheme not in STORES:
        # Not repeated: it may hold a password.
        reader.faults.append("RATE_LIMIT_STORE_URL must be redis://host:port/0, rediss://… or unix:///path")
    return url


def _networks(reader: Reader) -> tuple[Network, ...]:
    networks: list[Network] = []
    for text in _list(reader.text("TRUSTED_PROXIES")):
        try:
            networks.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            reader.faults.append(f"TRUSTED_PROXIES must list addresses or networks like 10.0.0.0/8, not {text!r}")
    return tuple(networks)


def _status_ports(reader: Reader, services: tuple[str, ...]) -> dict[int, str]:
    wanted = reader.flag("STATUS_PORTS", default=False)
    return {each.port: each.name for each in services_behind_the_gateway() if wanted and each.name in services}


def _list(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]
