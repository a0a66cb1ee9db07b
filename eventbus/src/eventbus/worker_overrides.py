"""The components that turn "delivered at least once" into "effects once", replaceable in tests."""

from dataclasses import dataclass, field

from eventbus.consume.inbox import Inbox
from eventbus.consume.transaction import Settlement
from eventbus.publish.relay import Relay


@dataclass(frozen=True)
class WorkerOverrides:
    """Components of a worker. Production uses the defaults.

    A test replaces one of them to prove that its checker finds the fault: an inbox that deduplicates nothing, a
    settlement that acknowledges first, a relay that marks first.
    """

    inbox: Inbox = field(default_factory=Inbox)
    settlement: Settlement = field(default_factory=Settlement)
    relay: type[Relay] = Relay
