"""The components that turn "delivered at least once" into "effects once", replaceable in tests."""

from dataclasses import dataclass, field

from service_kit.messaging.consume.inbox import Inbox
from service_kit.messaging.consume.transaction import Settlement
from service_kit.messaging.publish.relay import Relay


@dataclass(frozen=True)
class WorkerOverrides:
    """Components of a worker. Production uses the defaults.

    A test replaces one of them to prove that its checker finds the fault: an inbox that deduplicates nothing, a
    settlement that acknowledges first, a relay that marks first.
    """

    inbox: Inbox = field(default_factory=Inbox)
    settlement: Settlement = field(default_factory=Settlement)
    relay: type[Relay] = Relay
