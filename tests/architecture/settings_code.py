"""What the settings code itself says: which names each service reads, and with which defaults."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

from init_db.services import installed_services
from init_db.settings import read_settings as read_init_db_settings
from launcher.services import SERVICES
from service_kit.settings import BadSettings, Reader

METHODS = ("text", "integer", "number", "flag")
BRANCHES = (
    {"SMARTTICKET_ENV": "development"},
    {"SMARTTICKET_ENV": "production"},
    {"SMARTTICKET_ENV": "development", "FILES_STORAGE": "s3"},
)
"""Settings that lead through every branch in which further settings are read."""


@dataclass
class Read:
    """One setting of one service: its defaults in all branches, and a value's bounds are of no interest here."""

    name: str
    defaults: set[Any] = field(default_factory=set)


@cache
def settings_read_by(service: str) -> MappingProxyType[str, Read]:
    """Return what a service (or init-db) reads, by name; its own code is run, and asked for nothing else."""
    found: dict[str, Read] = {}
    with _recorded(found):
        for branch in BRANCHES:
            try:
                if service == "init-db":
                    read_init_db_settings(branch, installed_services())
                else:
                    SERVICES[service].read_settings(branch)
            except BadSettings:
                pass
    return MappingProxyType(found)


@contextmanager
def _recorded(found: dict[str, Read]) -> Iterator[None]:
    def recording(method: str) -> Any:
        original = getattr(Reader, method)

        def record(self: Reader, name: str, default: Any = "", **more: Any) -> Any:
            found.setdefault(name, Read(name)).defaults.add(default)
            return original(self, name, default, **more)

        return record

    with patch.multiple(Reader, **{method: recording(method) for method in METHODS}):
        yield
