"""A company's workflows, and the states that they pass through."""

from dataclasses import dataclass
from datetime import datetime

from workflow_service.domain.definition import Definition
from workflow_service.domain.graph import Fault

DRAFT, DEPLOYED, PAUSED = "draft", "deployed", "paused"
STATES = (DRAFT, DEPLOYED, PAUSED)
MAX_WORKFLOWS = 500


class WorkflowNotFound(Exception):
    """The company has no such workflow."""

    def __init__(self, workflow_id: int) -> None:
        super().__init__(f"there is no workflow {workflow_id}")


class WorkflowExists(Exception):
    """The company has a workflow of that name, ignoring case."""


class WorkflowIsDefault(Exception):
    """The default workflow doesn't change; a workflow of the company's own replaces it."""

    def __init__(self) -> None:
        super().__init__("The default workflow doesn't change; add a workflow and deploy it.")


class WorkflowOverlaps(Exception):
    """Another deployed workflow takes the same tickets."""


class TooManyWorkflows(Exception):
    """The company has reached the limit of workflows."""


class NotDeployed(Exception):
    """A workflow takes tickets only while it is deployed."""


class UnknownWorkflow(Exception):
    """A field names a workflow that the company doesn't have."""

    def __init__(self) -> None:
        super().__init__("Some fields are not valid.")
        self.errors = [{"field": "workflow_id", "message": "There is no such workflow."}]


class BadWorkflow(Exception):
    """A definition is not valid; `errors` names every fault."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("Some fields are not valid.")
        self.errors = [{"field": fault.field, "message": fault.message} for fault in faults]


@dataclass(frozen=True)
class Scope:
    """The tickets that a workflow takes: those of a category and sub-category, of one department or of any."""

    category: str | None
    sub_category: str | None
    department: str | None


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """A workflow as it is now, with its newest version."""

    company_id: int
    id: int
    name: str
    description: str
    scope: Scope
    state: str
    is_default: bool
    version: int
    definition: Definition
    revision: int
    created_at: datetime
    updated_at: datetime

    def check_change(self) -> None:
        """Raise WorkflowIsDefault where nobody may change the workflow."""
        if self.is_default:
            raise WorkflowIsDefault


def check_number(existing: int) -> None:
    """Raise TooManyWorkflows where `existing` workflows are the limit."""
    if existing >= MAX_WORKFLOWS:
        raise TooManyWorkflows(f"a company has at most {MAX_WORKFLOWS} workflows")
