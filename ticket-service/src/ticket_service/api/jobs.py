"""`/api/jobs`: the progress and results of jobs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, g
from service_kit.http import pages
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, MANAGER

from ticket_service.api.bulk_schemas import ItemsQuery
from ticket_service.api.job_views import JobItemsView, JobsView, item_view, job_view
from ticket_service.api.roles import CREATORS
from ticket_service.store import job_items
from ticket_service.store import jobs as stored
from ticket_service.usecases.keep_jobs import cancel_job

jobs = Blueprint("jobs", __name__, description="Jobs on many tickets")


@jobs.get("/api/jobs")
@allowed(*CREATORS)
@jobs.arguments(pages.PageQuery, location="query")
@jobs.response(200, JobsView)
def list_jobs(query: dict[str, Any]) -> Response:
    """List jobs, newest first: one's own, for managers and admins the company's."""
    limit = query["limit"]
    before = pages.decode_cursor(query["cursor"], (datetime, UUID))
    found = stored.page(
        g.session, g.caller.company_id, _own(), before=(before[0], before[1]) if before else None, limit=limit + 1
    )
    shown = [job_view(job) for job in found[:limit]]
    body, headers = pages.page(found, limit, lambda job: (job.created_at, job.id), "items", shown)
    return json_response(body, 200, headers)


@jobs.get("/api/jobs/<uuid:job_id>")
@allowed(*CREATORS)
@jobs.arguments(ItemsQuery, location="query")
@jobs.response(200, JobItemsView)
def get_job(query: dict[str, Any], job_id: UUID) -> Response:
    """Show a job with a page of its items and their results, in the order of the request."""
    job, limit = stored.get(g.session, g.caller.company_id, job_id, _own()), query["limit"]
    cursor = pages.decode_cursor(query["cursor"], (int,))
    after = cursor[0] if cursor else -1
    found = job_items.page(g.session, job, query["status"], after=after, limit=limit + 1)
    body, headers = pages.page(
        found, limit, lambda item: (item.index,), "items", [item_view(item) for item in found[:limit]]
    )
    return json_response(job_view(job) | body, 200, headers)


@jobs.delete("/api/jobs/<uuid:job_id>")
@allowed(*CREATORS)
@jobs.response(204)
def delete_job(job_id: UUID) -> Response:
    """Cancel a job: its other items are left alone, and the results so far stay."""
    cancel_job(g.session, g.caller.company_id, job_id, _own())
    return Response(status=204)


def _own() -> str | None:
    """Return the caller whose jobs alone the caller may see, None for a caller who sees the company's."""
    return None if g.caller.role in (MANAGER, ADMIN) else str(g.caller.subject)
