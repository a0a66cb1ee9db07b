"""The classifier that asks Claude, through model-kit's client."""

from model_kit.claude.client import Claude
from model_kit.claude.failure import ClaudeFailed
from model_kit.claude.usage import Usage as Billed

from ai_service.adapters.claude import prompt, reply
from ai_service.domain.cascade import ClassifierFailed
from ai_service.domain.classification import DecidedBy, Proposal
from ai_service.domain.departments import Departments
from ai_service.domain.ticket_text import TicketText
from ai_service.domain.usage import Tokens, Usage


class ClaudeClassifier:
    """Asks Claude for a department."""

    name: DecidedBy = "claude"

    def __init__(self, claude: Claude, model: str) -> None:
        """`model` is the model to ask; the client has deadline, retries, concurrency and circuit breaker."""
        self._claude = claude
        self._model = model

    def classify(self, ticket: TicketText, departments: Departments) -> Proposal:
        """Return Claude's proposal; raise ClassifierFailed, at the latest at the client's deadline."""
        try:
            answer = self._claude.ask(prompt.request(ticket, departments, self._model))
        except ClaudeFailed as failure:
            raise ClassifierFailed(failure.kind, _entry(failure.usage)) from None
        return reply.parse(answer.text, answer.model, _entry(answer.usage))


def _entry(billed: Billed | None) -> Usage | None:
    """Return the ledger's view of a bill."""
    if billed is None:
        return None
    tokens = Tokens(billed.tokens.input, billed.tokens.output, billed.tokens.cache_read, billed.tokens.cache_write)
    return Usage(billed.model, tokens, billed.cost_micro_usd, billed.request_id)
