"""The client: where the server is, who calls, and how patient the caller is."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Self

from smartticket_client.authentication import ApiKey, Credentials, Login, NoCredentials
from smartticket_client.errors import NoAnswer, Problem
from smartticket_client.generated.resources import Resources
from smartticket_client.generated.types import JobItemsView
from smartticket_client.retries import Retries
from smartticket_client.transport import Options, Transport

POLL_SECONDS = 0.2
MAX_POLL_SECONDS = 2.0
UNFINISHED = ("queued", "running")


class Client(Resources):
    """Smart Ticket's API: `client.tickets.create(title=…)`, `for ticket in client.tickets.list(status=["pending"])`.

    Problems are raised as `Problem` with `.code` and `.errors`, a missing answer as `NoAnswer`. Use it as a context
    manager, or call `close`.
    """

    def __init__(
        self,
        url: str = "http://localhost:5000",
        *,
        api_key: str | None = None,
        login: Login | None = None,
        timeout: float = Options.timeout,
        retries: Retries | None = None,
    ) -> None:
        """Connect to nothing yet. Without `api_key` and `login` no credentials are sent, as development mode allows.

        `timeout` is how long an answer may take, in seconds.
        """
        if api_key is not None and login is not None:
            raise ValueError("give an API key or a login, not both")
        credentials: Credentials = login or (NoCredentials() if api_key is None else ApiKey(api_key))
        self._login = login
        super().__init__(Transport(url, credentials, retries or Retries()), Options(timeout=timeout))

    def with_options(
        self,
        *,
        timeout: float | None = None,
        idempotency_key: str | None = None,
        if_version: int | None = None,
        prefer: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> "Resources":
        """Return the API with other options, over the same connections: `client.with_options(if_version=3).tickets`.

        - `idempotency_key`: two calls with the same key and content have one effect, for a day, also across processes.
        - `if_version`: change only this version of a ticket; another one raises Stale.
        - `prefer`: `respond-async`, or `wait=10` to wait for a new ticket's routing.
        """
        given = {
            "timeout": timeout, "idempotency_key": idempotency_key, "if_version": if_version, "prefer": prefer,
            "headers": headers,
        }  # fmt: skip
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        return Resources(self._transport, replace(self._options, **changes))

    def wait_for_job(self, job_id: str, timeout: float = 300.0) -> JobItemsView:
        """Return a job once it has finished, with the first page of its items; raise TimeoutError before that.

        All items: `client.jobs.items(job_id)`.
        """
        deadline, wait = time.monotonic() + timeout, POLL_SECONDS
        while (job := self.jobs.get(job_id))["state"] in UNFINISHED:
            if time.monotonic() > deadline:
                raise TimeoutError(f"job {job_id} is {job['state']} after {timeout:.0f} s")
            time.sleep(wait)
            wait = min(wait * 1.5, MAX_POLL_SECONDS)
        return job

    def close(self) -> None:
        """End the login's session and close the connections."""
        if self._login is not None:
            with suppress(NoAnswer, Problem):  # else the session ends by itself
                self._login.log_out(self._transport.post)
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
