"""The steps on which "delivered at least once, effects once" rests."""

from dataclasses import dataclass, field

from service_kit.messaging.consume.inbox import Inbox
from service_kit.messaging.consume.transaction import Settlement
from service_kit.messaging.publish.relay import Relay


@dataclass(frozen=True)
class WorkerOverrides:
    """What a worker is made of. Production takes the defaults.

    A test that wants to see its checker find something swaps one: an inbox that knows nothing, a settlement that
    acknowledges first, a relay that marks first.
    """

    inbox: Inbox = field(default_factory=Inbox)
    settlement: Settlement = field(default_factory=Settlement)
    relay: type[Relay] = Relay
