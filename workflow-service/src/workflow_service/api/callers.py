"""The caller of a request as the use cases know it."""

from flask import g
from service_kit.identity import ADMIN, MANAGER

from workflow_service.domain.task import Mover


def address() -> str:
    """Return the caller's address, by which teams know their members; '' without one."""
    return str(g.caller.email).lower()


def mover() -> Mover:
    """Return the caller as a person who changes tasks."""
    return Mover(f"person:{g.caller.subject}", address(), g.caller.role in (MANAGER, ADMIN))
