"""The settings of every service of an embedded system, made from the operator's environment and the home's secrets."""

import base64
from collections.abc import Mapping

from service_kit.identity.tokens import public_key
from service_kit.service_settings import DEVELOPMENT
from service_kit.settings import Reader
from smartticket_contracts.services import GATEWAY, registry

from launcher.data_directory import DataDirectory

PORTS = {name: service.port_setting for name, service in registry().items()}

LIVE_OFFSET = 10
"""From notification-service's port to that of real time, unless LIVE_PORT says otherwise."""
REPLACED = {"PORT", "HTTP_HOST", "DATABASE_URL", "RELAY_DATABASE_URL", "DB_USER"}
"""Settings of a single service, ignored here since all services would share them; ports and roles are per service."""


def setting(environment: Mapping[str, str], name: str, default: str = "") -> str:
    """Return a setting of the operator, given as NAME or as NAME_FILE; raise BadSettings for an unreadable file."""
    reader = Reader(environment)
    value = reader.text(name, default)
    reader.finish()
    return value


def mode(environment: Mapping[str, str]) -> str:
    """Return the mode. Unlike a service, `smart-ticket up` starts in development mode where none is given.

    It listens on loopback only. The gateway refuses development mode on any other address.
    """
    return setting(environment, "SMARTTICKET_ENV", DEVELOPMENT)


def ports(environment: Mapping[str, str]) -> dict[str, int]:
    """Return the port of every service; raises ValueError naming the setting that is no port."""
    found: dict[str, int] = {}
    for name, service in registry().items():
        raw = setting(environment, PORTS[name], str(service.port))
        if not raw.isdigit() or not 0 < int(raw) < 65536:
            raise ValueError(f"{PORTS[name]} must be a port between 1 and 65535, not {raw!r}")
        found[name] = int(raw)
    doubled = sorted({PORTS[name] for name, port in found.items() if list(found.values()).count(port) > 1})
    if doubled:
        raise ValueError(f"{' and '.join(doubled)} must be different ports")
    return found


def service_mapping(
    name: str,
    environment: Mapping[str, str],
    home: DataDirectory,
    port_by_service: Mapping[str, int],
    database: Mapping[str, str],
) -> dict[str, str]:
    """Return the settings of one service as a mapping.

    The operator's own settings are kept, except for those that the embedded system decides itself: addresses, bus, keys
    and database.
    """
    seeds = {service: home.secret(f"signing_key_{service}") for service in registry()}
    mapping = {key: value for key, value in environment.items() if key.removesuffix("_FILE") not in REPLACED}
    mapping |= {
        "SMARTTICKET_ENV": mode(environment),
        "PORT": str(port_by_service[name]),
        "BUS": "postgres",
        "ROLE": "both",
        "DB_PASSWORD": database_password(home, name),
        "INTERNAL_SIGNING_KEY": seeds[name],
        "INTERNAL_TRUSTED_KEYS": ",".join(f"{service}:{public_key(seed)}" for service, seed in seeds.items()),
        "RUNTIME_DIR": str(home.root),
        "MODELS_DIR": setting(environment, "MODELS_DIR") or str(home.root / "models"),
        "TRAINING_DATA_DIR": setting(environment, "TRAINING_DATA_DIR") or str(home.root / "training"),
        "FILES_DIR": setting(environment, "FILES_DIR") or str(home.root / "files"),
        "VECTORS_DIR": setting(environment, "VECTORS_DIR") or str(home.root / "vectors"),
        "EMBEDDINGS_INSTALL": setting(environment, "EMBEDDINGS_INSTALL", "true"),
        **database,
    }
    live_port = setting(environment, "LIVE_PORT") or str(port_by_service["notification-service"] + LIVE_OFFSET)
    live_url = setting(environment, "LIVE_URL") or f"http://127.0.0.1:{live_port}"
    mapping |= {"LIVE_PORT": live_port, "LIVE_URL": live_url}
    mapping |= {
        registry()[service].url_setting: f"http://127.0.0.1:{port}"
        for service, port in port_by_service.items()
        if service != GATEWAY
    }
    if name != GATEWAY:
        mapping["HTTP_HOST"] = "127.0.0.1"  # only the gateway can listen on other addresses: GATEWAY_BIND
    if not setting(environment, "AUTH_KEY_SECRET"):
        mapping["AUTH_KEY_SECRET"] = home.secret("auth_key_secret")
    return mapping


def database_password(home: DataDirectory, service: str) -> str:
    """Return the password of one service's roles, safe inside an address."""
    return base64.b32encode(base64.b64decode(home.secret(f"database_{service}"))).decode().rstrip("=").lower()
