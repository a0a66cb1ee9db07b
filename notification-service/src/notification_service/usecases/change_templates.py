"""Add, change and delete templates, and show how one looks."""

from collections.abc import Mapping

from service_kit.http.idempotency import IdempotencyKey
from service_kit.http.precondition import Precondition
from sqlalchemy.orm import Session

from notification_service.domain.kinds import Words
from notification_service.domain.template import (
    EVENT_VARIABLES,
    MAX_TEMPLATES,
    NO_TEMPLATES,
    BadTemplate,
    Context,
    Template,
    TemplateNotFound,
    TooManyTemplates,
    is_of_events,
)
from notification_service.domain.texts import fault_of_line, one_line
from notification_service.ports import Renderer
from notification_service.store import templates

Sources = Mapping[str, str]
"""The fields of a template: `notification_type`, `subject`, `body`."""


def get_template(session: Session, company_id: int, template_id: int) -> Template:
    """Return a template; raise TemplateNotFound."""
    found = templates.find(session, company_id, template_id)
    if found is None:
        raise TemplateNotFound(template_id)
    return found


def add_template(
    session: Session, company_id: int, new: Sources, *, renderer: Renderer, idempotency_key: IdempotencyKey[Template]
) -> Template:
    """Add a template; raise BadTemplate, TemplateExists, TooManyTemplates, Replayed for a repeated Idempotency-Key."""
    check(renderer, new)
    with session.begin():
        idempotency_key.claim(session)
        if templates.count(session, company_id) >= MAX_TEMPLATES:
            raise TooManyTemplates(f"a company has at most {MAX_TEMPLATES} templates")
        added = templates.add(session, company_id, **new)
        idempotency_key.store(session, added)
    return added


def change_template(
    session: Session,
    company_id: int,
    template_id: int,
    new: Sources,
    *,
    renderer: Renderer,
    precondition: Precondition[Template],
) -> Template:
    """Store a template's next version; an equal one changes nothing.

    Raises BadTemplate, TemplateNotFound, PreconditionFailed, TemplateExists.
    """
    check(renderer, new)
    with session.begin():
        before = _lock(session, company_id, template_id, precondition)
        is_same = all(getattr(before, name) == value for name, value in new.items())
        return before if is_same else templates.change(session, before, **new)


def delete_template(
    session: Session, company_id: int, template_id: int, *, precondition: Precondition[Template]
) -> None:
    """Delete a template; raise TemplateNotFound, PreconditionFailed."""
    with session.begin():
        templates.remove(session, _lock(session, company_id, template_id, precondition))


def check(renderer: Renderer, sources: Sources) -> None:
    """Raise BadTemplate where a template isn't accepted. Those of events name the variables of events alone."""
    if sources["notification_type"] in NO_TEMPLATES:
        raise BadTemplate("notification_type", "Mails about accounts and the digest have no templates.")
    variables = EVENT_VARIABLES if is_of_events(sources["notification_type"]) else None
    for field in ("subject", "body"):
        renderer.check(field, sources[field], variables)


def render(renderer: Renderer, subject: str, body: str, values: Context) -> Words:
    """Return the texts of a template with its values; raise BadTemplate."""
    return Words(one_line(renderer.render("subject", subject, values)), renderer.render("body", body, values))


def render_given(renderer: Renderer, subject: str, body: str, values: Context) -> Words:
    """Return the texts of a template with somebody's values.

    Raises BadTemplate, also for a value that would hide something in the subject.
    """
    line = renderer.render("subject", subject, values)
    if fault := fault_of_line(" ".join(line.split())):
        hiding = (name for name, each in values.items() if isinstance(each, str) and fault_of_line(each))
        raise BadTemplate(next((f"context_data.{name}" for name in hiding), "subject"), f"In the subject: {fault}")
    return Words(one_line(line), renderer.render("body", body, values))


def _lock(session: Session, company_id: int, template_id: int, precondition: Precondition[Template]) -> Template:
    found = templates.find(session, company_id, template_id, lock=True)
    if found is None:
        raise TemplateNotFound(template_id)
    precondition.check(found)
    return found
