"""AMS: reserves assets."""

from workflow_service.adapters.partner_http import NoAnswer, NotSent, PartnerHttp
from workflow_service.domain.external import ASSET, Verdict
from workflow_service.domain.partner_answers import not_answered, not_sent, read_asset_answer
from workflow_service.ports import Question

PATH = "/api/assets/reserve/"


class Ams:
    """The client of AMS, for requests of the kind `asset`."""

    name, kind = "ams", ASSET

    def __init__(self, http: PartnerHttp) -> None:
        self._http = http

    @property
    def is_called(self) -> bool:
        """Return whether the breaker lets every call through."""
        return self._http.breaker.closed

    def ask(self, question: Question) -> Verdict:
        """Reserve the asset; raise PartnerClosed."""
        data, external = question.data, question.external
        body = {
            "asset_id": data["asset_id"],
            "requester_id": external.requester,
            "task_id": external.task_id,
            "duration_days": data["duration_days"],
            "notes": data["notes"],
        }
        try:
            reply = self._http.post(PATH, body, external.idempotency_key)
        except NotSent as error:
            return not_sent(str(error))
        except NoAnswer as error:
            return not_answered(str(error))
        return read_asset_answer(reply.status, reply.body, str(data["asset_id"]), reply.retry_after)
