"""Templates of companies."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from notification_service.domain.template import Template, TemplateExists

_COLUMNS = "company_id, id, notification_type, subject, body, version, created_at, updated_at"


def find(session: Session, company_id: int, template_id: int, *, lock: bool = False) -> Template | None:
    """Return a template, None without one; `lock` keeps others from changing it until the transaction ends."""
    locking = " for update" if lock else ""
    query = text(f"select {_COLUMNS} from templates where company_id = :company and id = :id{locking}")
    return _one(session.execute(query, {"company": company_id, "id": template_id}).one_or_none())


def of_type(session: Session, company_id: int, notification_type: str) -> Template | None:
    """Return the template of a type, None without one."""
    query = text(f"select {_COLUMNS} from templates where company_id = :company and notification_type = :type")
    return _one(session.execute(query, {"company": company_id, "type": notification_type}).one_or_none())


def page(session: Session, company_id: int, *, after: int, limit: int) -> list[Template]:
    """Return up to `limit` templates added after the template `after`, in order of addition."""
    query = text(
        f"select {_COLUMNS} from templates where company_id = :company and id > :after order by id limit :limit"
    )
    rows = session.execute(query, {"company": company_id, "after": after, "limit": limit})
    return [Template(**row._mapping) for row in rows]


def count(session: Session, company_id: int) -> int:
    """Return how many templates a company has."""
    query = text("select count(*) from templates where company_id = :company")
    return int(session.execute(query, {"company": company_id}).scalar_one())


def add(session: Session, company_id: int, notification_type: str, subject: str, body: str) -> Template:
    """Insert a template and return it; raise TemplateExists."""
    statement = text(
        "insert into templates (company_id, notification_type, subject, body)"
        " values (:company, :type, :subject, :body)"
        f" on conflict (company_id, notification_type) do nothing returning {_COLUMNS}"
    )
    values = {"company": company_id, "type": notification_type, "subject": subject, "body": body}
    found = _one(session.execute(statement, values).one_or_none())
    if found is None:
        raise _exists(notification_type)
    return found


def change(session: Session, template: Template, notification_type: str, subject: str, body: str) -> Template:
    """Store a locked template's next version and return it; raise TemplateExists."""
    statement = text(
        "update templates set notification_type = :type, subject = :subject, body = :body, version = version + 1,"
        f" updated_at = clock_timestamp() where company_id = :company and id = :id returning {_COLUMNS}"
    )
    values = {"company": template.company_id, "id": template.id, "type": notification_type, "subject": subject}
    try:
        return Template(**session.execute(statement, {**values, "body": body}).one()._mapping)
    except IntegrityError:
        raise _exists(notification_type) from None


def remove(session: Session, template: Template) -> None:
    """Delete a locked template."""
    statement = text("delete from templates where company_id = :company and id = :id")
    session.execute(statement, {"company": template.company_id, "id": template.id})


def _exists(notification_type: str) -> TemplateExists:
    return TemplateExists(f"there is a template for {notification_type} already")


def _one(row: "Row[tuple[object, ...]] | None") -> Template | None:
    return None if row is None else Template(**row._mapping)
