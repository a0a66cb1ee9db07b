"""The gateway's API as the command line uses it."""

import hashlib
import os
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from time import sleep
from typing import Any
from urllib.parse import urlsplit

import click
import requests
from service_kit.backoff import Backoff

PAGE_ITEMS = 100
ATTEMPTS = 6
MIN_WAIT_SECONDS = 0.2
MAX_WAIT_SECONDS = 10.0
BUSY = (429, 502, 503, 504)
NEEDS_KEY = "give the API key of an admin: --key, SMARTTICKET_API_KEY"


class Gateway:
    """A connection to the gateway; every call answers JSON or raises click.ClickException with a plain message."""

    def __init__(self, url: str, key: str = "", own_keys: Iterable[str] = ()) -> None:
        """`key` is the caller's; if the caller gave none, each 401 takes the next of `own_keys`, this machine's."""
        self.url = url.rstrip("/")
        self._own_keys = iter(() if key else own_keys)
        self._lock = threading.Lock()
        self.key_digest = hashlib.sha256(key.encode()).hexdigest()[:16] if key else ""
        """Identifies a caller without revealing the key."""
        self._session = requests.Session()
        # The gateway's address is used directly, never a proxy from the environment.
        self._session.trust_env = False
        if key:
            self._session.headers["Authorization"] = f"Bearer {key}"

    def get(self, path: str, **parameters: Any) -> Any:
        """GET `path`; query parameters that are None are left out."""
        return self.call("GET", path, params={k: v for k, v in parameters.items() if v is not None})

    def every(self, path: str, key: str = "items", **parameters: Any) -> Iterator[Any]:
        """Yield the rows of a list, page by page to its end."""
        following = None
        while True:
            page = self.get(path, limit=PAGE_ITEMS, cursor=following, **parameters)
            yield from page[key]
            following = page["next"]
            if following is None:
                return

    def get_with_retry(self, path: str) -> Any:
        """GET `path` with retries while the system is busy; return the JSON."""
        return _json(self.send_with_retry("GET", path))

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """POST a JSON body."""
        return self.call("POST", path, json=body if body is not None else {}, headers=headers)

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Call and return the JSON; a problem becomes an exception with its detail and fields."""
        return self.checked(self.send(method, path, **options))

    def checked(self, response: requests.Response) -> Any:
        """Return a response's JSON; a problem becomes an exception with its detail and fields."""
        if response.status_code == requests.codes.unauthorized and "Authorization" not in self._session.headers:
            raise click.ClickException(f"{explain(response)}; {NEEDS_KEY}")
        return _json(response)

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """Call and return the response whatever its status."""
        options.setdefault("timeout", (2, 30))
        try:
            while True:
                credentials = self._session.headers.get("Authorization")
                response = self._session.request(method, self.url + path, **options)
                if response.status_code != requests.codes.unauthorized or not self._replace_refused(credentials):
                    return response
                _rewind(options.get("files"))
        except UnicodeEncodeError as error:
            raise click.ClickException("the key or token holds characters that a header can't") from error
        except requests.RequestException as error:
            raise click.ClickException(
                f"no answer from {self.url} ({type(error).__name__}); is the system up? start it with `make up`,"
                " or name its address: --url, SMARTTICKET_URL"
            ) from error

    def _replace_refused(self, credentials: str | bytes | None) -> bool:
        """Take the next of this machine's keys; return whether there is another one to try."""
        with self._lock:
            if self._session.headers.get("Authorization") != credentials:
                return True  # another thread has taken it
            own = next(self._own_keys, "")
            if own:
                self._session.headers["Authorization"] = f"Bearer {own}"
            return bool(own)

    def send_with_retry(
        self, method: str, path: str, *, busy: Collection[int] = BUSY, **options: Any
    ) -> requests.Response:
        """Send with retries while the system is busy or doesn't answer; for idempotent calls.

        Returns the last response; raises click.ClickException if there was none.
        """
        backoff = Backoff(MIN_WAIT_SECONDS, MAX_WAIT_SECONDS)
        for _ in range(ATTEMPTS - 1):
            try:
                response = self.send(method, path, **options)
            except click.ClickException:
                asked_for = 0.0
            else:
                if response.status_code not in busy:
                    return response
                after = response.headers.get("Retry-After", "")
                asked_for = float(after) if after.isdigit() else 0.0
            sleep(min(max(backoff.next_delay(), asked_for), MAX_WAIT_SECONDS))
        return self.send(method, path, **options)


def _rewind(files: Mapping[str, tuple[Any, ...]] | None) -> None:
    """Let the next try send each file from its beginning again."""
    for part in (files or {}).values():
        for each in part:
            if hasattr(each, "seek"):
                each.seek(0)


def _json(response: requests.Response) -> Any:
    if response.status_code >= 400:
        raise click.ClickException(explain(response))
    try:
        return response.json() if response.content else None
    except ValueError:
        raise click.ClickException(
            f"{response.url} answered, but not as Smart Ticket does; is it the gateway's address?"
        ) from None


def explain(response: requests.Response) -> str:
    """Return a problem response as one line of text."""
    try:
        problem = response.json()
    except ValueError:
        return f"{response.status_code} from {response.url}"
    text = problem.get("detail") or problem.get("title") or "failed"
    more = [error for error in problem.get("errors", []) if error["message"] not in text]
    fields = "; ".join(f"{error['field']}: {error['message']}" for error in more)
    return f"{response.status_code} {problem.get('code', '')}: {text}{f' ({fields})' if fields else ''}"


def checked_address(url: str) -> str:
    """Return the address of a gateway; raise click.ClickException where it is none, such as one without http://."""
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return url
    except ValueError:
        pass  # a port that is no number
    example = "http://localhost:5000" if "://" in url else f"http://{url}"
    raise click.ClickException(f"{url} is no address of a gateway; give one such as {example}: --url, SMARTTICKET_URL")


def default_url(running_port: int | None = None) -> str:
    """Return the address of this machine's gateway: at GATEWAY_PORT, the running system's port, or 5000."""
    return f"http://127.0.0.1:{os.environ.get('GATEWAY_PORT', '').strip() or running_port or 5000}"
