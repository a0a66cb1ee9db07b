"""What is at hand during a request: `g.caller`, `g.cause`, `g.deadline`, `g.session`."""

import re
import time
import uuid
from typing import TYPE_CHECKING, Any

from flask import current_app, g
from flask.ctx import _AppCtxGlobals

from service_kit.http.problems import Problem
from service_kit.identity import SERVICE, Caller
from service_kit.messaging.event import Cause
from service_kit.telemetry.tracing import continue_traceparent

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}\Z")


class RequestGlobals(_AppCtxGlobals):
    """Flask's `g` with a session that is opened when it is first asked for."""

    caller: Caller
    cause: Cause
    deadline: float | None
    started: float

    @property
    def session(self) -> "Session":
        """The request's database session: sees the caller's company and nothing else; closed after the answer."""
        session = self.__dict__.get("_session")
        if session is None:
            kit = current_app.extensions["service_kit"]
            session = self.__dict__["_session"] = kit.database.session(self.caller.company_id)
        return session  # type: ignore[no-any-return]


def close_session(_error: BaseException | None = None) -> None:
    """Give the request's connection back, if it took one."""
    session: Any = g.__dict__.pop("_session", None) if hasattr(g, "__dict__") else None
    if session is not None:
        session.close()


def request_id(received: str | None) -> str:
    """Return the id a caller gave its request, if it is a decent one, or a new one."""
    if received is not None and _REQUEST_ID.match(received):
        return received
    return uuid.uuid4().hex


def cause_of(received_id: str | None, traceparent: str | None) -> Cause:
    """Return the cause of everything this request will do, before it is known who calls."""
    return Cause(request_id(received_id), continue_traceparent(traceparent), "person")


def by_caller(cause: Cause, caller: Caller) -> Cause:
    """Return the cause with the kind of its caller: a service acts for the system, everybody else is a person."""
    return Cause(cause.request_id, cause.traceparent, "system") if caller.role == SERVICE else cause


def deadline_of(received: str | None) -> float | None:
    """Return the moment (unix seconds) after which nobody waits for the answer; raise a 504 where it has passed."""
    if received is None:
        return None
    try:
        deadline = float(received)
    except ValueError:
        return None
    if deadline < time.time():
        raise Problem("The time given for this request was over when it arrived.", status=504, code="deadline_exceeded")
    return deadline
