"""What `make docs` writes from the registry alone: README's table, what is installed, and the lines of .env.example."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from eventbus.contracts import Contracts
from smartticket_contracts.services import registry, services_behind_the_gateway

from scripts.blocks import with_block

ROOT = Path(__file__).resolve().parents[1]


def documents() -> dict[Path, str]:
    """Return the text of each file."""
    blocks = {
        "README.md": readme_table(),
        "requirements.txt": [f"-e ./{each.name}{each.bracketed_extra}" for each in registry().values()],
        "launcher/pyproject.toml": [f'    "{each.distribution}",' for each in registry().values()],
        ".env.example": example_settings(),
    }
    return {
        ROOT / name: with_block((ROOT / name).read_text(encoding="utf-8"), "services", lines)
        for name, lines in blocks.items()
    }


def readme_table() -> list[str]:
    """Return the table of services by port, with the events of each."""
    contracts = Contracts.installed()
    nouns: dict[str, set[str]] = defaultdict(set)
    for event in contracts.schemas:
        nouns[event.partition(".")[0]].add(event)
    lines = ["| service | port | what it does | publishes | consumes |", "|---|---|---|---|---|"]
    for service in sorted(registry().values(), key=lambda service: service.port):
        consumed = {event for queue in contracts.queues(service.name) for event in queue.patterns}
        lines.append(
            f"| [{service.name}]({service.name}/README.md) | {service.port} | {service.purpose} "
            f"| {_short(contracts.published_by(service.name), nouns)} | {_short(consumed, nouns)} |"
        )
    return lines


def _short(events: Iterable[str], nouns: dict[str, set[str]]) -> str:
    """Return events in short: `team.*` for all of a noun, else `ticket.created` `.updated`."""
    words = []
    for noun, all_of_it in nouns.items():
        some = sorted(all_of_it & set(events))
        if len(some) > 1 and len(some) == len(all_of_it):
            words.append(f"`{noun}.*`")
        else:
            words += [f"`{event.removeprefix(noun) if index else event}`" for index, event in enumerate(some)]
    return " ".join(words) or "–"


def example_settings() -> list[str]:
    """Return the lines of .env.example that each service has."""
    behind = services_behind_the_gateway()
    return [
        "# Passwords and keys of a deployment outside development mode",
        *(f"# {each.prefix}_DB_PASSWORD=" for each in behind),
        *(f"# {each.prefix}_SIGNING_KEY=" for each in registry().values()),
        "# Ports on this machine; compose answers there for a replica of the service",
        *(f"# {each.port_setting}={each.port}" for each in registry().values()),
        "# Addresses, for services started by hand or outside of compose",
        *(f"# {each.url_setting}={each.url}" for each in behind),
        "# Compose gives a service its own database address or role by these names",
        *(f"# {each.prefix}_{name}=" for each in behind for name in ("DATABASE_URL", "RELAY_DATABASE_URL", "DB_USER")),
    ]
