"""Sends requests: credentials, timeouts, retries, problems as exceptions."""

import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from smartticket_client.authentication import Credentials
from smartticket_client.errors import NoAnswer, problem_of
from smartticket_client.files import Form
from smartticket_client.retries import Retries, may_repeat, worth_repeating

CONNECT_SECONDS = 3.0


@dataclass(frozen=True)
class Options:
    """What a caller may set for single calls; see `Client.with_options`."""

    timeout: float = 30.0
    idempotency_key: str | None = None
    if_version: int | None = None
    prefer: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_headers(self) -> dict[str, str]:
        """Return the headers that these options add to a request."""
        named = {
            "Idempotency-Key": self.idempotency_key,
            "If-Match": None if self.if_version is None else f'"{self.if_version}"',
            "Prefer": self.prefer,
        }
        return {name: value for name, value in named.items() if value is not None} | dict(self.headers)


@dataclass(frozen=True)
class Call:
    """A request: path without the server's address, query fields, and a JSON body or a form."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    form: Form | None = None
    stream: bool = False


class Transport:
    """One server, one caller. Thread-safe as far as requests' sessions are."""

    def __init__(self, url: str, credentials: Credentials, retries: Retries) -> None:
        self.url = url.rstrip("/")
        self.credentials = credentials
        self._retries = retries
        self._session = requests.Session()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def send(self, call: Call, options: Options) -> requests.Response:
        """Send a request and return the answer; raise Problem for an error, NoAnswer where there is none.

        A POST gets an Idempotency-Key unless the caller gave one. Retries keep it, so that the effect happens once.
        """
        headers = {"Accept": "application/json, application/problem+json;q=0.9, */*;q=0.5", **options.to_headers()}
        if call.method == "POST":
            headers.setdefault("Idempotency-Key", uuid.uuid4().hex)
        repeatable = may_repeat(call.method, has_key="Idempotency-Key" in headers)
        renewed = False
        attempt = 1
        while True:
            token = self.credentials.token(self.post)
            response, failure = self._try(call, headers, token, options.timeout)
            if response is not None and response.status_code < 400:
                return response
            problem = problem_of(response) if response is not None else None
            if problem is not None and problem.status == 401 and not renewed:
                renewed = True
                if self.credentials.renew(token, self.post):
                    continue
            if problem is None:
                again = repeatable
            else:
                again = worth_repeating(problem.status, problem.code, repeatable=repeatable)
            wait = self._retries.wait_after(attempt, problem.retry_after if problem else None) if again else None
            if wait is None:
                raise problem or NoAnswer(f"no answer from {self.url}: {failure}")
            time.sleep(wait)
            attempt += 1

    def _try(
        self, call: Call, headers: Mapping[str, str], token: str | None, timeout: float
    ) -> tuple[requests.Response | None, str]:
        """Send once; return the response, or None and the reason."""
        authorized = dict(headers) if token is None else {"Authorization": f"Bearer {token}", **headers}
        content: dict[str, Any] = {}
        if call.form is not None:
            content = call.form.content()
        elif call.body is not None:
            content = {"json": call.body}
        try:
            response = self._session.request(
                call.method, self.url + call.path, params=_query(call.query), headers=authorized, stream=call.stream,
                timeout=(CONNECT_SECONDS, timeout), allow_redirects=False, **content,
            )  # fmt: skip
        except requests.RequestException as error:
            return None, type(error).__name__
        return response, ""

    def post(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Send a body without credentials, for logins."""
        response, failure = self._try(Call("POST", path, body=dict(body)), {}, None, Options.timeout)
        if response is None:
            raise NoAnswer(f"no answer from {self.url}: {failure}")
        if response.status_code >= 400:
            raise problem_of(response)
        answer: Mapping[str, Any] = json_of(response) or {}
        return answer


def json_of(response: requests.Response) -> Any:
    """Return the JSON of an answer, None for an empty one; raise NoAnswer where it isn't JSON."""
    if not response.content:
        return None
    try:
        return response.json()
    except ValueError:
        raise NoAnswer(f"{response.url} doesn't answer as Smart Ticket does") from None


def events_of(response: requests.Response) -> Iterator[tuple[str, str]]:
    """Yield (event, data) of a stream of server-sent events, to its end."""
    event = "message"
    data: list[str] = []
    try:
        for line in response.iter_lines(decode_unicode=False):
            text = line.decode("utf-8")
            if not text:
                if data:
                    yield event, "\n".join(data)
                event, data = "message", []
            elif text.startswith("event:"):
                event = text[6:].strip()
            elif text.startswith("data:"):
                data.append(text[5:].removeprefix(" "))
    except requests.RequestException as error:
        raise NoAnswer(f"the stream of {response.url} broke off: {type(error).__name__}") from error
    finally:
        response.close()


def _query(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return query fields as texts; a list repeats its field, None leaves it out."""
    return {
        name: [_text(each) for each in value] if isinstance(value, list | tuple | set) else _text(value)
        for name, value in fields.items()
        if value is not None
    }


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
