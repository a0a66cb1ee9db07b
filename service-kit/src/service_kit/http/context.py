"""The context of a request: `g.caller`, `g.cause`, `g.deadline`, `g.deps`, `g.session`."""

import re
import time
import uuid
from functools import cached_property
from typing import Any

from flask import current_app, g
from flask.ctx import _AppCtxGlobals
from sqlalchemy.orm import Session

from service_kit.http.problems import Problem
from service_kit.identity import Caller

_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}\Z")


class RequestGlobals(_AppCtxGlobals):
    """Flask's `g` with a session that opens at its first use.

    Each request has a `cause`, a `deadline` (None without one) and the time when it `started`, most have a `caller`.
    """

    @property
    def deps(self) -> Any:
        """The service's dependencies, built once per process by `build` of its `service.py`."""
        return current_app.extensions["service_kit"].dependencies

    @cached_property
    def session(self) -> Session:
        """The request's database session. It sees only the caller's company and closes after the response."""
        session: Session = current_app.extensions["service_kit"].database.session(self.caller.company_id)
        return session


def close_session(_error: BaseException | None = None) -> None:
    """Close the request's session, if one was opened."""
    if "session" in g:
        g.pop("session").close()


def client_address() -> str:
    """Return the client's address as the gateway saw it; '' for a request that didn't come through the gateway."""
    caller: Caller | None = g.get("caller")
    return caller.address if caller is not None else ""


def request_id(received: str | None) -> str:
    """Return the received request id if it is valid, else a new one."""
    if received is not None and _REQUEST_ID.match(received):
        return received
    return uuid.uuid4().hex


def deadline_of(received: str | None) -> float | None:
    """Return the deadline of X-Request-Deadline (unix seconds), None without one; raise a 504 where it has passed."""
    if received is None:
        return None
    try:
        deadline = float(received)
    except ValueError:
        return None
    if deadline < time.time():
        raise Problem("The time given for this request was over when it arrived.", status=504, code="deadline_exceeded")
    return deadline
