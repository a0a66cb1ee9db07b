"""`/api/notifications/send`: what programs send to people."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.email import Email
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, MANAGER, SERVICE

from notification_service.api.callers import account
from notification_service.api.templates import VALUES, notification_type, values
from notification_service.domain.mail_rules import REASONS, MailState
from notification_service.usecases.send_notification import Sending, Sent, send_notification
from notification_service.usecases.send_template_test import TemplateTest, send_template_test

sending = Blueprint("sending", __name__, description="What programs send to people.")

EXAMPLE = {
    "user_email": "ann@company.example",
    "notification_type": "message",
    "context_data": {"subject": "The printer is back", "message": "The printer on the second floor works again."},
}


class NewSending(Schema):
    """A notification to send: the type `message`, or one that the company has a template for."""

    user_email = Email(required=True)
    notification_type = notification_type()
    context_data = values(load_default=dict)


class SentView(Schema):
    """The texts that the person reads; `notification_id` is null where the person wants none."""

    notification_id = fields.Integer(required=True, allow_none=True)
    user_id = fields.Integer(required=True)
    subject = fields.String(required=True)
    message = fields.String(required=True)
    mail = fields.String(
        required=True,
        validate=validate.OneOf([state.value for state in MailState]),
        metadata={"description": "What becomes of the mail."},
    )
    mail_reason = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why no mail is sent and what to do next, for address_not_confirmed and limited."},
    )


class TemplateTestBody(Schema):
    """The values of the template's variables; one of events has samples for those that are left out."""

    context_data = values(load_default=dict)


@sending.post("/api/notification-templates/<int:template_id>/test")
@allowed(MANAGER, ADMIN)
@sending.arguments(TemplateTestBody, required=False, example={"context_data": VALUES})
@sending.response(201, SentView)
def send_test(body: dict[str, Any], template_id: int) -> Response:
    """Send a mail of a template to the caller; the app doesn't show it."""
    test = TemplateTest(g.caller.company_id, template_id, body["context_data"], account(), _sender())
    return _sent(
        send_template_test(
            g.session,
            test,
            renderer=g.deps.renderer,
            message_ids=g.deps.message_ids,
            per_minute=g.deps.sends_per_minute,
            rules=g.deps.mail_rules,
            idempotency_key=read_idempotency_key(_sent),
        )
    )


@sending.post("/api/notifications/send")
@allowed(MANAGER, ADMIN, SERVICE)
@sending.arguments(NewSending, example=EXAMPLE)
@sending.response(201, SentView)
def send(body: dict[str, Any]) -> Response:
    """Notify a person of the company, by the channels that the person wants."""
    sent = send_notification(
        g.session,
        Sending(
            g.caller.company_id,
            body["user_email"],
            body["notification_type"],
            body["context_data"],
            _sender(),
        ),
        renderer=g.deps.renderer,
        message_ids=g.deps.message_ids,
        per_minute=g.deps.sends_per_minute,
        rules=g.deps.mail_rules,
        idempotency_key=read_idempotency_key(_sent),
    )
    return _sent(sent)


def _sender() -> str:
    sender: str = g.caller.api_key or g.caller.subject
    return sender


def _sent(sent: Sent) -> Response:
    subject, message = sent.words
    body = {
        "notification_id": sent.notification_id,
        "user_id": sent.user_id,
        "subject": subject,
        "message": message,
        "mail": sent.mail,
        "mail_reason": REASONS.get(sent.mail),
    }
    return json_response(body, 201)
