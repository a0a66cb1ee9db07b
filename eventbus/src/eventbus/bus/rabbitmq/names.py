"""The names of all exchanges, dead-letter queues and control queues on the broker."""

EVENTS_EXCHANGE = "smartticket.events"
CONTROL_EXCHANGE = "smartticket.control"
DEAD_LETTER_EXCHANGE = "smartticket.dead"


def dead_letter_queue_name(queue: str) -> str:
    """Return the name of a queue's dead-letter queue: `ai-service.categorize.dead`."""
    return f"{queue}.dead"


def control_queue_name(service: str) -> str:
    """Return the name of the queue of refill requests for a service's relay: `<service>.control.refill`."""
    return f"{service}.control.refill"
