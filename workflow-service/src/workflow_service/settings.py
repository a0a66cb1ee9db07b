"""The settings of workflow-service."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from service_kit.service_settings import ServiceSettings, is_weak_password, read_service_settings
from service_kit.settings import Reader

from workflow_service.domain.callback_signature import PREFIX, key_of

NAME = "workflow-service"
SCHEMA = "workflow"
PORT = 5008
MIN_WEBHOOK_KEY_BYTES = 16


@dataclass(frozen=True)
class Settings(ServiceSettings):
    """The common settings and this service's own. A partner without an address is not called."""

    dry_run_tasks: int
    """How many tickets a dry run replays, and how many tasks a preview looks at: the newest ones."""
    taken_per_deployment: int
    """How many unmatched tickets a deployment takes at once."""
    ams_url: str
    ams_api_key: str = field(repr=False)
    bms_url: str
    bms_token: str = field(repr=False)
    ams_webhook_keys: tuple[bytes, ...] = field(repr=False)
    bms_webhook_keys: tuple[bytes, ...] = field(repr=False)
    """The keys by which partners sign their callbacks; none switches the callbacks off."""
    partner_webhook_seconds: float
    """How far from the present a callback's time may lie."""
    partner_timeout_seconds: float
    """The time for one call of a partner, from the connection to the end of its answer."""
    partner_threads: int
    """How many calls of one partner a process makes at the same time."""
    partner_breaker_failures: int
    partner_breaker_seconds: float
    partner_retry_seconds: float
    """The pause after the first try; later ones are 6, 24 and 120 times as long."""
    partner_max_tries: int
    partner_max_days: float
    """The tries and the days after which a request fails."""


def read_settings(mapping: Mapping[str, str]) -> Settings:
    """Read the settings; raise BadSettings with every fault found."""
    reader = Reader(mapping)
    settings = Settings(
        **read_service_settings(reader, service=NAME, schema=SCHEMA, port=PORT),
        dry_run_tasks=reader.integer("DRY_RUN_TASKS", 10_000, minimum=1, maximum=1_000_000),
        taken_per_deployment=reader.integer("TAKEN_PER_DEPLOYMENT", 500, minimum=1, maximum=5_000),
        ams_url=reader.text("AMS_URL"),
        ams_api_key=reader.text("AMS_API_KEY"),
        bms_url=reader.text("BMS_URL"),
        bms_token=reader.text("BMS_TOKEN"),
        ams_webhook_keys=_webhook_keys(reader, "AMS_WEBHOOK_SECRET"),
        bms_webhook_keys=_webhook_keys(reader, "BMS_WEBHOOK_SECRET"),
        partner_webhook_seconds=reader.number("PARTNER_WEBHOOK_SECONDS", 300.0, minimum=1, maximum=3600),
        partner_timeout_seconds=reader.number("PARTNER_TIMEOUT_SECONDS", 30.0, minimum=0.1, maximum=300),
        partner_threads=reader.integer("PARTNER_THREADS", 4, minimum=1, maximum=64),
        partner_breaker_failures=reader.integer("PARTNER_BREAKER_FAILURES", 5, minimum=1, maximum=1000),
        partner_breaker_seconds=reader.number("PARTNER_BREAKER_SECONDS", 60.0, minimum=0.1, maximum=3600),
        partner_retry_seconds=reader.number("PARTNER_RETRY_SECONDS", 5.0, minimum=0.01, maximum=3600),
        partner_max_tries=reader.integer("PARTNER_MAX_TRIES", 100, minimum=1, maximum=10_000),
        partner_max_days=reader.number("PARTNER_MAX_DAYS", 7.0, minimum=0.001, maximum=365),
    )
    _check_partner(reader, "AMS_URL", settings.ams_url, "AMS_API_KEY", settings.ams_api_key)
    _check_partner(reader, "BMS_URL", settings.bms_url, "BMS_TOKEN", settings.bms_token)
    reader.finish()
    return settings


def _webhook_keys(reader: Reader, name: str) -> tuple[bytes, ...]:
    """Return the keys of a setting with one secret, or several separated by commas while a partner changes its own."""
    keys = []
    for secret in filter(None, (each.strip() for each in reader.text(name).split(","))):
        try:
            key = key_of(secret)
        except ValueError:
            reader.faults.append(f"{name}: after {PREFIX} there must be base64")
            continue
        if len(key) < MIN_WEBHOOK_KEY_BYTES or is_weak_password(secret):
            reader.faults.append(f"{name} is short or easy to guess; `smart-ticket secrets` prints random ones")
        keys.append(key)
    return tuple(keys)


def _check_partner(reader: Reader, url_name: str, url: str, secret_name: str, secret: str) -> None:
    if not url:
        return
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        reader.faults.append(f"{url_name} must be an http(s) address without a query, such as https://ams.example")
    if not secret:
        reader.faults.append(f"{secret_name} must be set where {url_name} is")
    elif not secret.isascii() or not secret.isprintable():
        reader.faults.append(f"{secret_name} must be visible ASCII characters")
