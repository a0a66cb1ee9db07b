"""The contracts between the services of Smart Ticket.

`services.yaml` lists the services, `topology.yaml` says who publishes and consumes which events. `events/*.v1.json`
have a schema with one example per event, and `http/*.json` the routes of each service, written by `make docs`.
`openapi.json` is the API that clients rely on, `problems.yaml` lists the kinds of problems.
"""

from pathlib import Path


def folder() -> Path:
    """Return the folder that holds these files."""
    return Path(__file__).parent
