"""Endpoints on the status ports: `/health`, `/ready` and `/metrics` of one replica of a service."""

from service_kit.http.problems import Unavailable
from service_kit.http_client import UpstreamTimeout, UpstreamUnavailable

from api_gateway.endpoints.local_endpoint import LocalEndpoint
from api_gateway.headers import filter_response_headers
from api_gateway.messages import Request, Response
from api_gateway.problems import GatewayTimeout
from api_gateway.routing import RouteTable
from api_gateway.upstreams import Upstreams

PATHS = ("/health", "/ready", "/metrics")


def status_table(upstreams: Upstreams) -> RouteTable[LocalEndpoint]:
    """Return the routes of the status ports. With them services publish no port and can be scaled."""

    def handle(request: Request) -> Response:
        upstream = upstreams[request.params["service"]]
        try:
            found = upstream.checks.request("GET", request.route)
        except UpstreamUnavailable as error:
            raise Unavailable(f"{upstream.name} can't be reached at the moment.", code="upstream_down") from error
        except UpstreamTimeout as error:
            raise GatewayTimeout(f"{upstream.name} didn't answer in time.") from error
        return Response(found.status, filter_response_headers(found.headers), found.body)

    return RouteTable([LocalEndpoint("GET", path, handle, "Answered by a replica.") for path in PATHS])
