"""What the gateway answers on a service's own port: how one of its replicas is."""

from service_kit.calls import NeighbourDown, NeighbourSlow
from service_kit.http.problems import Unavailable

from api_gateway.headers import outward
from api_gateway.messages import Answer, Request
from api_gateway.own.endpoint import Own
from api_gateway.problems import Slow
from api_gateway.routing import RouteTable
from api_gateway.upstreams import Upstreams

PATHS = ("/health", "/ready", "/metrics")


def status_table(upstreams: Upstreams) -> RouteTable[Own]:
    """Return what is answered on the status ports. So services publish no port of their own and can be scaled."""

    def answer(request: Request) -> Answer:
        upstream = upstreams[request.params["service"]]
        try:
            found = upstream.checks.request("GET", request.route)
        except NeighbourDown as error:
            raise Unavailable(f"{upstream.name} can't be reached at the moment.", code="upstream_down") from error
        except NeighbourSlow as error:
            raise Slow(f"{upstream.name} didn't answer in time.") from error
        return Answer(found.status, outward(found.headers), found.body)

    return RouteTable([Own("GET", path, answer, "A replica's own answer.") for path in PATHS])
