"""Responses for problems (RFC 9457), in the same form as those of the services."""

from http import HTTPStatus
from typing import Any

import orjson
from service_kit.http.problems import MEDIA_TYPE, PROBLEMS, Problem

from api_gateway.messages import Response

TITLES = {status.value: status.phrase for status in HTTPStatus}


def problem_response(problem: Problem, request_id: str) -> Response:
    """Make the response for a problem."""
    body: dict[str, Any] = {
        "type": f"{PROBLEMS}{problem.code}",
        "title": TITLES.get(problem.status, "Error"),
        "status": problem.status,
        "code": problem.code,
        "request_id": request_id,
    }
    if problem.detail:
        body["detail"] = problem.detail
    if problem.errors:
        body["errors"] = problem.errors
    headers = [("Content-Type", MEDIA_TYPE), *problem.headers.items()]
    if problem.status == 401 and "WWW-Authenticate" not in problem.headers:
        headers.append(("WWW-Authenticate", "Bearer"))
    return Response(problem.status, headers, orjson.dumps(body))


class GatewayTimeout(Problem):
    """504: a service didn't answer in time."""

    status, code = 504, "upstream_timeout"
