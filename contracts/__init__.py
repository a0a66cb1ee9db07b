"""The event contracts of Smart Ticket: `topology.yaml` and `events/*.v1.json`, each schema with one example."""

from pathlib import Path


def folder() -> Path:
    """Return the folder that holds `topology.yaml` and `events/`."""
    return Path(__file__).parent
