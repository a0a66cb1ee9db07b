"""The workflow of a company that has none of its own."""

from workflow_service.domain.definition import AGENT, Definition, Step, line

NAME = "Default workflow"
DESCRIPTION = "Takes every ticket of a company that has no workflow of its own."
_STEPS = tuple(
    Step(name, AGENT, order)
    for order, name in enumerate(("open", "Assign to Team", "Assign to Member", "In Progress", "Done"), 1)
)
DEFINITION = Definition(
    steps=_STEPS,
    transitions=line(_STEPS),
    sla_seconds={"urgent": 4 * 3600, "high": 8 * 3600, "medium": 24 * 3600, "low": 40 * 3600},
)
