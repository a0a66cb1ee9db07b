"""BMS: checks budgets."""

from workflow_service.adapters.partner_http import NoAnswer, NotSent, PartnerHttp
from workflow_service.domain.external import BUDGET, Verdict
from workflow_service.domain.partner_answers import not_answered, not_sent, read_budget_answer
from workflow_service.ports import Question

PATH = "/api/budget/check/"


class Bms:
    """The client of BMS, for requests of the kind `budget`."""

    name, kind = "bms", BUDGET

    def __init__(self, http: PartnerHttp) -> None:
        self._http = http

    @property
    def is_called(self) -> bool:
        """Return whether the breaker lets every call through."""
        return self._http.breaker.closed

    def ask(self, question: Question) -> Verdict:
        """Check the budget; raise PartnerClosed."""
        data, external = question.data, question.external
        body = {
            "department": question.department,
            "amount": data["amount"],
            "currency": data["currency"],
            "category": data["category"],
            "requester_id": external.requester,
            "justification": data["justification"],
        }
        try:
            reply = self._http.post(PATH, body, external.idempotency_key)
        except NotSent as error:
            return not_sent(str(error))
        except NoAnswer as error:
            return not_answered(str(error))
        return read_budget_answer(reply.status, reply.body, reply.retry_after)
