"""Rewrites a request of an older system for the alias's target, and the target's response for the older system."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from service_kit.http.problems import Invalid, NotFound
from service_kit.http.strictness import BODYLESS, NO_BODY, TWICE, UNKNOWN

from api_gateway.aliases import Alias, renamed_query
from api_gateway.messages import JSON, Request, Response


def translate(alias: Alias, request: Request, method: str, read: Callable[[Request], bytes]) -> None:
    """Rewrite query and body of an authenticated request for the alias's target; `method` is the client's own.

    Raises Invalid (400) for a page number above 1 or a body where none belongs, NotFound (404) for another company.
    """
    query = renamed_query(request.query, alias.query, numbered_pages=alias.numbered_pages)
    given = urlencode([(ours, request.params[theirs]) for theirs, ours in alias.parameters.items()])
    request.query = "&".join(part for part in (given, query) if part)
    if alias.company in request.params:
        _require_own_company(request.params[alias.company], request)
    if method in BODYLESS:
        return
    if alias.body is not None:
        _expect_empty(read(request))
        request.body = alias.body
        request.environ = {**request.environ, "CONTENT_TYPE": JSON}
    elif alias.fields or alias.company:
        request.body = _body(alias, request, read(request))


def renamed_answer(alias: Alias, response: Response) -> Response:
    """Return a successful response with the alias's names of its fields, and without its other fields."""
    value = _parsed(response.body)
    if not 200 <= response.status < 300 or not isinstance(value, dict):
        return response
    named = {theirs: value[ours] for theirs, ours in alias.answer.items() if ours in value}
    return Response(response.status, response.headers, orjson.dumps(named))


def _body(alias: Alias, request: Request, raw: bytes) -> bytes:
    """Return the body with its fields renamed; anything but a JSON object is unchanged, and the service refuses it.

    Raises Invalid (400) for a field that stands there under its old and its new name.
    """
    value = _parsed(raw)
    if not isinstance(value, dict):
        return raw
    if alias.company in value:
        _require_own_company(value.pop(alias.company), request)
    renamed: dict[str, Any] = {}
    for name, field in value.items():
        ours = alias.fields.get(name, name)
        if ours in renamed:
            raise Invalid("The body can't be accepted.", errors=[{"field": name, "message": TWICE}])
        renamed[ours] = field
    for name in alias.as_text & renamed.keys():
        if isinstance(renamed[name], int) and not isinstance(renamed[name], bool):
            renamed[name] = str(renamed[name])
    return orjson.dumps(renamed)


def _require_own_company(company: Any, request: Request) -> None:
    caller = request.caller
    if caller is None or str(company) != str(caller.company_id):
        raise NotFound("There is no such company.", code="company_not_found")


def _expect_empty(raw: bytes) -> None:
    value: Any = _parsed(raw) if raw.strip() else {}
    if value == {}:
        return
    names = value if isinstance(value, Mapping) else ["body"]
    raise Invalid(NO_BODY, errors=[{"field": str(name), "message": UNKNOWN} for name in names])


def _parsed(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
