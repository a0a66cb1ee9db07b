"""HTTP to neighbours that may be slow, down or gone."""

from service_kit.calls.breaker import Breaker, BreakerOpen
from service_kit.calls.call import NeighbourDown, NeighbourSlow
from service_kit.calls.neighbour import Answer, Neighbour

__all__ = ["Answer", "Breaker", "BreakerOpen", "Neighbour", "NeighbourDown", "NeighbourSlow"]
