"""The bus inside PostgreSQL, for where there is no broker."""

from service_kit.messaging.bus.postgres.bus import PostgresBus
from service_kit.messaging.bus.postgres.install import install

__all__ = ["PostgresBus", "install"]
