"""Add, read, change and delete saved views."""

from service_kit.http.idempotency import IdempotencyKey
from service_kit.http.precondition import Precondition
from sqlalchemy.orm import Session

from ticket_service.domain.saved_view import SavedView, TooManyViews, ViewContent, Viewer, ViewNotFound, check_sharing
from ticket_service.store import saved_views


def read_view(session: Session, company_id: int, view_id: int, viewer: Viewer) -> SavedView:
    """Return a view that a person sees; raise ViewNotFound."""
    return _visible(saved_views.find(session, company_id, view_id), viewer)


def add_view(
    session: Session,
    company_id: int,
    content: ViewContent,
    viewer: Viewer,
    idempotency_key: IdempotencyKey[SavedView],
    *,
    most: int,
) -> SavedView:
    """Store a new view of a person, who may have `most` of them, and return it.

    Raises SharingForbidden, TooManyViews, and Replayed for a repeated Idempotency-Key.
    """
    check_sharing(viewer, content)
    with session.begin():
        idempotency_key.claim(session)
        if saved_views.lock_count(session, company_id, viewer.subject) >= most:
            raise TooManyViews(most)
        view = saved_views.add(session, company_id, viewer.subject, content)
        idempotency_key.store(session, view)
    return view


def change_view(
    session: Session,
    company_id: int,
    view_id: int,
    content: ViewContent,
    viewer: Viewer,
    precondition: Precondition[SavedView],
) -> SavedView:
    """Replace the content of a view and return it; an equal content changes nothing.

    A shared view that is shared no longer is its owner's alone, or the person's where its owner was deleted. Raises
    ViewNotFound, SharingForbidden, PreconditionFailed.
    """
    with session.begin():
        before = _locked(session, company_id, view_id, viewer, content)
        precondition.check(before)
        if before.content == content:
            return before
        return saved_views.change(session, company_id, before, before.owner or viewer.subject, content)


def delete_view(
    session: Session, company_id: int, view_id: int, viewer: Viewer, precondition: Precondition[SavedView]
) -> None:
    """Delete a view; raise ViewNotFound, SharingForbidden, PreconditionFailed."""
    with session.begin():
        view = _locked(session, company_id, view_id, viewer)
        precondition.check(view)
        saved_views.remove(session, company_id, view)


def _locked(session: Session, company_id: int, view_id: int, viewer: Viewer, *after: ViewContent) -> SavedView:
    view = _visible(saved_views.lock(session, company_id, view_id), viewer)
    check_sharing(viewer, view.content, *after)
    return view


def _visible(view: SavedView | None, viewer: Viewer) -> SavedView:
    if view is None or not view.is_visible_to(viewer):
        raise ViewNotFound
    return view
