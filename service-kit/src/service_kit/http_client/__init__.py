"""HTTP clients for other services, with deadlines, retries, circuit breakers and bulkheads."""

from service_kit.http_client.call import UpstreamTimeout, UpstreamUnavailable
from service_kit.http_client.client import ServiceClient, UpstreamResponse
from service_kit.http_client.statuses import GATEWAY_ERRORS, SERVER_ERRORS, retry_after_seconds
