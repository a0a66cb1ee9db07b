"""Every change of a record checks `If-Match`. Routes that don't are listed here, each with its reason."""

import re

import pytest
from service_kit.http.strictness import accepted

from .apps import WITH_ROUTES, app_of

CREATES = "makes something new"
COMPUTES = "changes nothing, or begins work in the background"
MANY = "is about all records of a kind"
NEVER_CHANGES = "what it removes never changes, and no address shows it alone"
OWN_SECRET = "is about a secret that no answer shows, and asks for the password or for a token that works once"
WITHOUT = {
    "/api/analyze": COMPUTES,
    "/api/categorize": COMPUTES,
    "/api/evaluation": COMPUTES,
    "/api/evaluation/backtest": COMPUTES,
    "/api/evaluation/shadow": "sets a switch, which is on or off whoever else sets it",
    "/api/models/{}/promote": "says which model serves; the same again changes nothing",
    "/api/models/rollback": "the Idempotency-Key keeps a repeated call from going back twice",
    "/api/training": COMPUTES,
    "/api/analytics/rebuild": COMPUTES,
    "/api/api-keys": CREATES,
    "/api/api-keys/{}": NEVER_CHANGES,
    "/api/auth/login": CREATES,
    "/api/auth/logout": "ends the session of the token it is given",
    "/api/auth/password/change": OWN_SECRET,
    "/api/auth/password/forgot": OWN_SECRET,
    "/api/auth/password/reset": OWN_SECRET,
    "/api/auth/refresh": OWN_SECRET,
    "/api/auth/register": CREATES,
    "/api/auth/totp/confirm": OWN_SECRET,
    "/api/auth/totp/disable": OWN_SECRET,
    "/api/auth/totp/enable": OWN_SECRET,
    "/api/invitations": CREATES,
    "/api/invitations/{}": NEVER_CHANGES,
    "/api/sessions": MANY,
    "/api/teams": CREATES,
    "/api/me/email": OWN_SECRET,
    "/api/notification-templates/{}/test": CREATES,
    "/api/notifications/unsubscribe": "ends something, which stays ended",
    "/api/auth/email/confirm": OWN_SECRET,
    "/api/users/{}/email-verification": CREATES,
    "/api/me/identities/{}": NEVER_CHANGES,
    "/api/auth/sso/exchange": OWN_SECRET,
    "/api/auth/sso/{}/link": CREATES,
    "/api/sso/connections": CREATES,
    "/api/sso/connections/{}/check": COMPUTES,
    "/api/users": CREATES,
    "/api/users/{}/password-reset": CREATES,
    "/api/users/{}/totp": "removes a secret that no answer shows",
    "/internal/api-keys/verify": COMPUTES,
    "/internal/invitations/{}/token": CREATES,
    "/internal/tickets/{}/presence": "renews a person's lease, whatever it was before",
    "/internal/users/{}/email-verification": CREATES,
    "/internal/users/{}/password-reset": CREATES,
    "/webhooks/partners/{}": "a partner's answer decides a request once",
    "/rag/answers": CREATES,
    "/rag/answers/{}": NEVER_CHANGES,
    "/rag/chat": COMPUTES,
    "/rag/events": CREATES,
    "/rag/questions": MANY,
    "/rag/questions/{}": NEVER_CHANGES,
    "/rag/rebuild": COMPUTES,
    "/rag/retrieve": COMPUTES,
    "/rag/solution": COMPUTES,
    "/api/departments": CREATES,
    "/api/calendars": CREATES,
    "/api/workflows": CREATES,
    "/api/workflows/unmatched/{}/assign": CREATES,
    "/api/workflows/{}/dry-run": COMPUTES,
    "/api/workflows/{}/apply": COMPUTES,
    "/api/calendars/{}/apply": COMPUTES,
    "/api/tickets/{}/advance-status": "moves on from the step where the task is; the ticket's tag is ticket-service's",
    "/api/notifications/{}": "marks one of the caller's own as read, whatever it was before",
    "/api/notifications/read-all": MANY,
    "/api/notifications/send": CREATES,
    "/api/notification-templates": CREATES,
    "/api/notification-templates/preview": COMPUTES,
    "/api/webhooks": CREATES,
    "/api/webhooks/{}/ping": CREATES,
    "/api/webhooks/{}/rotate-secret": "replaces a secret that no answer shows; the former one signs too for a day",
    "/api/webhooks/deliveries/{}/replay": CREATES,
    "/api/webhooks/{}/deliveries/{}/replay": CREATES,
    "/api/mailboxes": CREATES,
    "/webhooks/email/inbound/{}": CREATES,
    "/api/inbound-mails/{}/retry": "begins work in the background, on a parked mail alone",
    "/api/suppressed-addresses/{}": NEVER_CHANGES,
    "/api/priority-rules": CREATES,
    "/api/route": "adds a decision to the ticket's history; the ticket itself, with its tag, is ticket-service's",
    "/api/route/{}": "adds a decision to the ticket's history; the ticket itself, with its tag, is ticket-service's",
    "/api/macros": CREATES,
    "/api/views": CREATES,
    "/api/files": CREATES,
    "/api/tickets": CREATES,
    "/api/hdts/tickets": "the sender doesn't know the ticket's tag; only what its sender changed is changed",
    "/api/tickets/{}/presence": "renews a lease of the caller's own, whatever it was before",
    "/api/tickets/{}/read": "sets a mark of the caller's own, whatever it was before",
    "/api/tickets/bulk": MANY,
    "/api/tickets/{}/comments": CREATES,
    "/api/tickets/{}/attachments": CREATES,
    "/api/comments/{}/rating": "sets the caller's own thumb, whatever it was before",
    "/api/jobs/{}": "ends work that goes on by itself, whatever it has done since it was read",
    "/tickets": CREATES,
    "/api/refill/{}": COMPUTES,
}
TOGETHER = {"POST /rag/tune": COMPUTES}
"""Routes at an address whose other methods check `If-Match`."""
CHANGES = {"POST", "PUT", "PATCH", "DELETE"}


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_a_change_checks_if_match_or_has_a_reason_not_to(service: str) -> None:
    app = app_of(service)
    for rule in app.url_map.iter_rules():
        address = re.sub(r"<[^>]+>", "{}", rule.rule)
        for method in (rule.methods or set()) & CHANGES:
            excepted = address in WITHOUT or f"{method} {address}" in TOGETHER
            assert accepted(app.view_functions[rule.endpoint]).if_match != excepted, f"{method} {rule.rule}"


def test_every_exception_is_served() -> None:
    served = {
        re.sub(r"<[^>]+>", "{}", rule.rule) for service in WITH_ROUTES for rule in app_of(service).url_map.iter_rules()
    }
    assert {address for address in WITHOUT if address not in served} == set()
