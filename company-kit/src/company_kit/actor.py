"""Whom the current transactions act for, as the audit records it: set once per request, read by the database."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import orjson
from service_kit.database.companies import transaction_settings
from service_kit.identity import SERVICE, Caller
from service_kit.identity.caller import ANONYMOUS
from sqlalchemy import text
from sqlalchemy.orm import Session

USER, API_KEY, SERVICE_KIND, SYSTEM = "user", "api_key", "service", "system"
_current: ContextVar[str] = ContextVar("actor", default="")
_ACT = text("select set_config('app.actor', :actor, true)")


def act_as(
    kind: str, actor: str, *, name: str = "", key: str = "", key_name: str = "", ip: str = "", request_id: str = ""
) -> None:
    """Name the actor of this thread's transactions from now on; `key` is the id of an API key, not the key itself."""
    whole = {"kind": kind, "id": actor, "name": name, "key": key, "key_name": key_name}
    value = orjson.dumps(whole | {"ip": ip, "request_id": request_id})
    # Base64 needs no quoting in the statement that begins a transaction.
    _current.set(base64.b64encode(value).decode())
    transaction_settings.set(f", set_config('app.actor', '{_current.get()}', true)")


def act_for_nobody() -> None:
    """Name no actor: what this thread changes is not audited."""
    _current.set("")
    transaction_settings.set("")


def current_actor() -> str:
    """Return this thread's actor in a form to store, for work that is done later; '' for nobody."""
    return _current.get()


@contextmanager
def acting_for(session: Session, stored: str) -> Iterator[None]:
    """Name the actor of `current_actor` for a part of the session's transaction."""
    session.execute(_ACT, {"actor": stored})
    yield
    session.execute(_ACT, {"actor": _current.get()})


@contextmanager
def acting_as(kind: str, actor: str, *, name: str = "") -> Iterator[None]:
    """Name the actor of the block's transactions, such as the operator of a command."""
    act_as(kind, actor, name=name)
    try:
        yield
    finally:
        act_for_nobody()


def kind_of(caller: Caller) -> str:
    """Return what kind of actor a caller is."""
    if caller.role == ANONYMOUS:
        return ANONYMOUS
    if caller.role == SERVICE:
        return SERVICE_KIND
    return USER if caller.scopes is None else API_KEY
