"""A message bus on RabbitMQ 3.10 or newer."""

from eventbus.bus.rabbitmq.bus import RabbitBus

__all__ = ["RabbitBus"]
