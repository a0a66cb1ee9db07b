"""A message bus on RabbitMQ 3.10 or newer."""

from service_kit.messaging.bus.rabbitmq.bus import RabbitBus

__all__ = ["RabbitBus"]
