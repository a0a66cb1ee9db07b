"""The caller of a request as the use cases know it."""

from flask import g
from service_kit.identity import ADMIN, MANAGER

from workflow_service.domain.task import Mover
from workflow_service.usecases.change_address import address_of


def address() -> str:
    """Return the caller's address, by which teams know their members; '' without one."""
    return str(g.caller.email).lower()


def address_of_tasks() -> str:
    """Return the address by which tasks and presence know the caller; '' without one.

    Right after a change of address the caller has the new one, and tasks have the old one until the event arrives.
    """
    user_id = _user_id()
    known = None if user_id is None else address_of(g.session, g.caller.company_id, user_id)
    return known or address()


def mover() -> Mover:
    """Return the caller as a person who changes tasks."""
    return Mover(f"person:{g.caller.subject}", address(), g.caller.role in (MANAGER, ADMIN), _user_id())


def _user_id() -> int | None:
    kind, _, number = str(g.caller.subject).partition(":")
    return int(number) if kind == "user" and number.isdecimal() else None
