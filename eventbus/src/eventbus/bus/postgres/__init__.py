"""A message bus inside PostgreSQL, for deployments without a broker."""

from eventbus.bus.postgres.bus import PostgresBus
from eventbus.bus.postgres.install import install

__all__ = ["PostgresBus", "install"]
