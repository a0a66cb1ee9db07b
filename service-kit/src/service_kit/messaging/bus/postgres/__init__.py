"""A message bus inside PostgreSQL, for deployments without a broker."""

from service_kit.messaging.bus.postgres.bus import PostgresBus
from service_kit.messaging.bus.postgres.install import install

__all__ = ["PostgresBus", "install"]
