"""Change a company's settings of the classifier cascade."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from service_kit.http.precondition import Precondition
from sqlalchemy.orm import Session

from ai_service.domain.cascade_settings import CascadeSettings
from ai_service.store import cascade_settings


def change_cascade_settings(
    session: Session, company_id: int, change: Mapping[str, Any], precondition: Precondition[CascadeSettings]
) -> CascadeSettings:
    """Change the given settings and return all of them; the same values again change nothing.

    Raises PreconditionFailed.
    """
    with session.begin():
        before = cascade_settings.lock(session, company_id)
        precondition.check(before)
        after = replace(before, **change)
        if after != before:
            cascade_settings.upsert(session, company_id, after)
    return after
