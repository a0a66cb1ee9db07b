"""`company.created` and `.updated`: keep a replica of each company's automation settings."""

from dataclasses import dataclass

from eventbus.replica import replica_consumer


@dataclass(frozen=True)
class Changed:
    """The fields of `company.created` and `.updated` that this service uses."""

    auto_categorize: bool
    auto_prioritize: bool
    auto_assign: bool


CONSUMER = replica_consumer(
    "company_switches",
    view=Changed,
    event_types=("company.created", "company.updated"),
    queue="know-companies",
)
