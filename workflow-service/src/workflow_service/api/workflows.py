"""`/api/workflows`."""

from collections.abc import Mapping
from typing import Any

from flask import Response, g
from service_kit.http.blueprint import JSON, Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.http.precondition import Precondition, conditional, etag, read_precondition
from service_kit.identity import ADMIN, AGENT, MANAGER

from workflow_service.api.callers import mover
from workflow_service.api.workflow_content import content_of, view_of
from workflow_service.api.workflow_schemas import (
    EXAMPLE,
    MERMAID,
    SVG,
    DeployedView,
    DeploymentOrder,
    GraphQuery,
    GraphView,
    WorkflowBody,
    WorkflowPage,
    WorkflowQuery,
    WorkflowView,
)
from workflow_service.domain.graph import mermaid
from workflow_service.domain.svg import svg
from workflow_service.domain.workflow import Workflow
from workflow_service.usecases import change_workflows
from workflow_service.usecases.change_workflows import Deployed
from workflow_service.usecases.take_unmatched import Take

workflows = Blueprint("workflows", __name__, description="Workflows: steps, transitions, targets.")

SVG_TYPE = "image/svg+xml"
GRAPH_CONTENT = {JSON: {"schema": GraphView}, SVG_TYPE: {"schema": {"type": "string"}}}
SVG_HEADERS = {
    # An SVG document is a page to a browser: it runs nothing and loads nothing, whatever a step is called.
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


@workflows.get("/api/workflows")
@allowed(AGENT, MANAGER, ADMIN)
@workflows.arguments(WorkflowQuery, location="query")
@workflows.response(200, WorkflowPage)
def list_workflows(query: dict[str, Any]) -> Response:
    """List the company's workflows, the oldest first."""
    after, limit = decode_cursor(query["cursor"], (int,)), query["limit"]
    rows = change_workflows.page_of_workflows(
        g.session, g.caller.company_id, state=query["state"], after=after[0] if after else 0, limit=limit + 1
    )
    body, headers = page(rows, limit, lambda row: (row.id,), "items", [view_of(row) for row in rows])
    return json_response(body, headers=headers)


@workflows.post("/api/workflows")
@allowed(MANAGER, ADMIN)
@workflows.arguments(WorkflowBody, example=EXAMPLE)
@workflows.response(201, WorkflowView)
def add_workflow(body: dict[str, Any]) -> Response:
    """Add a workflow as a draft."""
    content = content_of(body)
    return _added(
        change_workflows.add_workflow(
            g.session, g.caller.company_id, content, idempotency_key=read_idempotency_key(_added)
        )
    )


@workflows.get("/api/workflows/<int:workflow_id>")
@allowed(AGENT, MANAGER, ADMIN)
@workflows.response(200, WorkflowView)
def get_workflow(workflow_id: int) -> Response:
    """Show a workflow with its newest version."""
    return _answer(change_workflows.get_workflow(g.session, g.caller.company_id, workflow_id))


@workflows.put("/api/workflows/<int:workflow_id>")
@allowed(MANAGER, ADMIN)
@conditional
@workflows.arguments(WorkflowBody, example=EXAMPLE)
@workflows.response(200, WorkflowView)
def change_workflow(body: dict[str, Any], workflow_id: int) -> Response:
    """Store the next version of a workflow; running tasks keep theirs."""
    content = content_of(body)
    return _answer(
        change_workflows.change_workflow(
            g.session, g.caller.company_id, workflow_id, content, precondition=_precondition()
        )
    )


@workflows.post("/api/workflows/<int:workflow_id>/deploy")
@allowed(MANAGER, ADMIN)
@conditional
@workflows.arguments(DeploymentOrder, required=False, example={"take_unmatched": True})
@workflows.response(200, DeployedView)
def deploy_workflow(order: dict[str, Any], workflow_id: int) -> Response:
    """Let a workflow take tickets; `warnings` name skills, categories and departments that nobody has.

    `unmatched` counts the tickets that waited for such a workflow. The body may be left out.
    """
    take = Take(mover().name, g.cause, g.deps.taken_per_deployment) if order.get("take_unmatched") else None
    deployed = change_workflows.deploy_workflow(
        g.session,
        g.caller.company_id,
        workflow_id,
        take=take,
        precondition=_precondition(),
        idempotency_key=read_idempotency_key(_deployed),
    )
    return _deployed(deployed)


@workflows.post("/api/workflows/<int:workflow_id>/pause")
@allowed(MANAGER, ADMIN)
@conditional
@workflows.response(200, WorkflowView)
def pause_workflow(workflow_id: int) -> Response:
    """Let a workflow take no new tickets; its running tasks go on."""
    paused = change_workflows.pause_workflow(
        g.session,
        g.caller.company_id,
        workflow_id,
        precondition=_precondition(),
        idempotency_key=read_idempotency_key(_answer),
    )
    return _answer(paused)


@workflows.get("/api/workflows/<int:workflow_id>/graph")
@allowed(AGENT, MANAGER, ADMIN)
@workflows.arguments(GraphQuery, location="query")
@workflows.doc(responses={"200": {"description": "OK", "content": GRAPH_CONTENT}})
@workflows.response(200, GraphView)
def get_graph(query: dict[str, Any], workflow_id: int) -> Response:
    """Draw a workflow as a mermaid flowchart, or as an SVG document with `format=svg`."""
    workflow = change_workflows.get_workflow(g.session, g.caller.company_id, workflow_id)
    if query["format"] == SVG:
        drawn = svg(workflow.name, workflow.definition)
        return Response(drawn, content_type=f"{SVG_TYPE}; charset=utf-8", headers=SVG_HEADERS)
    body = {
        "workflow_id": workflow.id,
        "version": workflow.version,
        "format": MERMAID,
        "graph": mermaid(workflow.definition),
    }
    return json_response(body)


def _precondition() -> Precondition[Workflow]:
    return read_precondition(lambda workflow: etag(workflow.revision))


def _added(workflow: Workflow) -> Response:
    return _answer(workflow, 201, {"Location": f"/api/workflows/{workflow.id}"})


def _deployed(deployed: Deployed) -> Response:
    body = view_of(deployed.workflow) | {"warnings": deployed.warnings, "unmatched": vars(deployed.unmatched)}
    return json_response(body, headers={"ETag": etag(deployed.workflow.revision)})


def _answer(workflow: Workflow, status: int = 200, headers: Mapping[str, str] = {}) -> Response:
    return json_response(view_of(workflow), status, {"ETag": etag(workflow.revision), **headers})
