"""Add, read, change and delete macros."""

from collections.abc import Mapping
from typing import Any

from service_kit.http.idempotency import IdempotencyKey
from service_kit.http.precondition import Precondition
from sqlalchemy.orm import Session

from ticket_service.domain.macro import Macro, MacroNotFound, TooManyMacros
from ticket_service.store import macros


def read_macro(session: Session, company_id: int, macro_id: int) -> Macro:
    """Return a macro; raise MacroNotFound."""
    return _existing(macros.find(session, company_id, macro_id))


def add_macro(
    session: Session,
    company_id: int,
    name: str,
    actions: Mapping[str, Any],
    idempotency_key: IdempotencyKey[Macro],
    *,
    most: int,
) -> Macro:
    """Store a new macro of a company, which may have `most` of them, and return it.

    Raises TooManyMacros, and Replayed for a repeated Idempotency-Key.
    """
    with session.begin():
        idempotency_key.claim(session)
        if macros.lock_count(session, company_id) >= most:
            raise TooManyMacros(most)
        macro = macros.add(session, company_id, name, actions)
        idempotency_key.store(session, macro)
    return macro


def change_macro(
    session: Session,
    company_id: int,
    macro_id: int,
    name: str,
    actions: Mapping[str, Any],
    precondition: Precondition[Macro],
) -> Macro:
    """Replace the content of a macro and return it; an equal content changes nothing.

    Raises MacroNotFound, PreconditionFailed.
    """
    with session.begin():
        before = _existing(macros.lock(session, company_id, macro_id))
        precondition.check(before)
        if (before.name, before.actions) == (name, actions):
            return before
        return macros.change(session, company_id, macro_id, name, actions)


def delete_macro(session: Session, company_id: int, macro_id: int, precondition: Precondition[Macro]) -> None:
    """Delete a macro; raise MacroNotFound, PreconditionFailed."""
    with session.begin():
        precondition.check(_existing(macros.lock(session, company_id, macro_id)))
        macros.remove(session, company_id, macro_id)


def _existing(macro: Macro | None) -> Macro:
    if macro is None:
        raise MacroNotFound
    return macro
