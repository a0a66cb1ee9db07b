"""The partners that the settings name."""

from datetime import timedelta

from service_kit.circuit_breaker import CircuitBreaker
from service_kit.database.engine import Database
from service_kit.telemetry.metrics import Metrics

from workflow_service.adapters.ams import Ams
from workflow_service.adapters.bms import Bms
from workflow_service.adapters.partner_http import PartnerHttp
from workflow_service.domain.external import RetryLimits
from workflow_service.metrics import PartnerMetrics
from workflow_service.ports import Partner
from workflow_service.settings import Settings
from workflow_service.usecases.run_external_requests import Asker

LEASE_MARGIN = timedelta(seconds=30)
"""Beside the time of a call: for the look-up of names and for the transaction that stores the answer."""


def build_askers(settings: Settings, database: Database, metrics: Metrics) -> list[Asker]:
    """Return who asks the partners that have an address; connects to nothing."""
    partners: list[Partner] = []
    if settings.ams_url:
        partners.append(Ams(_http("AMS", settings.ams_url, {"X-API-Key": settings.ams_api_key}, settings)))
    if settings.bms_url:
        token = {"Authorization": f"Bearer {settings.bms_token}"}
        partners.append(Bms(_http("BMS", settings.bms_url, token, settings)))
    limits = RetryLimits(
        settings.partner_retry_seconds, settings.partner_max_tries, timedelta(days=settings.partner_max_days)
    )
    lease = 2 * timedelta(seconds=settings.partner_timeout_seconds) + LEASE_MARGIN
    measured = PartnerMetrics(metrics)
    return [Asker(database, partner, limits, measured, lease, settings.partner_threads) for partner in partners]


def _http(name: str, url: str, headers: dict[str, str], settings: Settings) -> PartnerHttp:
    seconds = settings.partner_breaker_seconds
    breaker = CircuitBreaker(failures=settings.partner_breaker_failures, open_seconds=seconds, max_open_seconds=seconds)
    return PartnerHttp(name, url, headers, seconds=settings.partner_timeout_seconds, breaker=breaker)
