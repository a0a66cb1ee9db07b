"""The periodic job of every service for its companies."""

from collections.abc import Callable, Collection

from service_kit.database.engine import Database
from service_kit.service_settings import ServiceSettings

from company_kit.audit import AuditRetention
from company_kit.removal import CompanyRemoval


def company_maintenance(
    settings: ServiceSettings,
    database: Database,
    *,
    remove_outside: Callable[[int], object] = lambda _company_id: None,
    needed_to_the_end: Collection[str] = (),
) -> Callable[[], None]:
    """Return the job that removes old audit records and deleted companies; see `CompanyRemoval` for the options."""
    retention = AuditRetention(database, settings.audit_retention_days)
    removal = CompanyRemoval(database, remove_outside=remove_outside, needed_to_the_end=needed_to_the_end)

    def job() -> None:
        retention.run_when_due()
        removal.run()

    return job
