"""Every name on the broker comes from here."""

EVENTS_EXCHANGE = "smartticket.events"
CONTROL_EXCHANGE = "smartticket.control"
DEAD_LETTER_EXCHANGE = "smartticket.dead"


def queue_name(service: str, purpose: str) -> str:
    """Name the queue of one purpose of one service: `ai-service.categorize`."""
    return f"{service}.{purpose}"


def dead_letter_queue_name(queue: str) -> str:
    """Name the queue where the broker puts what it gave up on: `ai-service.categorize.dead`."""
    return f"{queue}.dead"


def control_queue_name(service: str) -> str:
    """Name the queue where refill requests wait for a service's relay: `<service>.control.refill`."""
    return f"{service}.control.refill"
