"""`contracts/openapi.json`: the API that clients rely on. `make docs` writes it again unless that would break them."""

import json
import sys
from pathlib import Path
from typing import Any

from api_gateway.endpoints.openapi import merged
from api_gateway.service import entries_of
from api_gateway.settings import read_settings
from service_kit.telemetry.metrics import Metrics
from smartticket_contracts.services import services_behind_the_gateway

from scripts.openapi_changes import breaking_changes
from tests.architecture.apps import document_of

FILE = Path(__file__).resolve().parents[1] / "contracts" / "openapi.json"
ACCEPT = "accept-breaking-changes"
ADVICE = (
    "This breaks clients. Keep what is there beside what is new: another field, another address. If the break is "
    f"meant, write it under Changed in CHANGELOG.md and run `.venv/bin/python -m scripts.documents {ACCEPT}`."
)


def current(*, without: type | tuple[type, ...] = ()) -> dict[str, Any]:
    """Return the gateway's document with all services, as outside development mode, less the entries of a type."""
    entries = entries_of(read_settings({"SMARTTICKET_ENV": "development"}), Metrics("api-gateway"))
    entries = [entry for entry in entries if not isinstance(entry, without)]
    names = [each.name for each in services_behind_the_gateway()]
    return merged(entries, {name: dict(document_of(name)) for name in names}, names)


def relied_on() -> dict[str, Any]:
    """Return the document that clients rely on: the last that was written."""
    document: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return document


def documents() -> dict[Path, str]:
    """Return the text of the file. Exits with the reasons where it would break clients and nobody accepted that."""
    document = current()
    if FILE.exists() and ACCEPT not in sys.argv and (broken := breaking_changes(relied_on(), document)):
        raise SystemExit("\n".join([*broken, "", ADVICE]))
    return {FILE: json.dumps(document, indent=1, sort_keys=True) + "\n"}
