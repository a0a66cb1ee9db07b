"""A company's admin decides about its ladder."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from ai_service.domain.ladder_settings import LadderSettings
from ai_service.store import ladder_settings


def change_ladder(session: Session, company: int, change: Mapping[str, Any]) -> LadderSettings:
    """Change what was given of a company's settings and return them; the same again changes nothing."""
    with session.begin():
        before = ladder_settings.hold(session, company)
        after = replace(before, **change)
        if after != before:
            ladder_settings.save(session, company, after)
    return after
