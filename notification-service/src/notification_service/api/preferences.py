"""`/api/notifications/preferences`: of what the caller wants to be notified, and how."""

from datetime import time
from typing import Any
from zoneinfo import available_timezones

from flask import Response, g
from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed
from service_kit.http.precondition import conditional, digest_tag, read_precondition
from service_kit.http.text import not_blank
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER

from notification_service.api.by_name import ByName
from notification_service.api.callers import account
from notification_service.api.notifications import Flag
from notification_service.domain.digest import DAILY, MONDAY, WEEKLY
from notification_service.domain.kinds import Kind
from notification_service.domain.preferences import Preferences
from notification_service.usecases.change_preferences import change_preferences, get_preferences

preferences = Blueprint("preferences", __name__, description="Of what people are notified, and how.")

EXAMPLE = {
    "channels": {"comment": {"in_app": True, "email": False}},
    "quiet_hours": {"start": "22:00", "end": "07:00", "time_zone": "Europe/Berlin"},
    "digest": {"frequency": "daily", "at": "08:00", "time_zone": "Europe/Berlin"},
}


class ChannelsSchema(Schema):
    """By which channels a kind comes; one that is left out has its default."""

    in_app = Flag()
    email = Flag()


def _time_of_day(**options: Any) -> fields.String:
    fits = validate.Regexp(r"([01][0-9]|2[0-3]):[0-5][0-9]\Z", error="Must be HH:MM, 00:00 to 23:59.")
    metadata = {"description": "HH:MM, such as 22:00."}
    return fields.String(
        required=True,
        validate=[not_blank, fits],
        metadata=metadata,
        **options,
    )


def _time_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError("Not a time zone of the IANA database, such as Europe/Berlin.")


class QuietHoursSchema(Schema):
    """The hours without mail, by the clock on the wall of a time zone; over midnight where the start is later."""

    start = _time_of_day()
    end = _time_of_day()
    time_zone = fields.String(required=True, validate=[not_blank, _time_zone])

    @validates_schema
    def check(self, hours: dict[str, Any], **_options: Any) -> None:
        """Refuse hours without an end."""
        if time.fromisoformat(hours["start"]) == time.fromisoformat(hours["end"]):
            raise ValidationError("Must differ from the start.", "end")


class DigestSchema(Schema):
    """One mail a day or a week with what is unread, by the clock on the wall of a time zone."""

    frequency = fields.String(required=True, validate=validate.OneOf([DAILY, WEEKLY]))
    at = _time_of_day()
    time_zone = fields.String(required=True, validate=[not_blank, _time_zone])
    weekday = fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=validate.Range(MONDAY, 7),
        metadata={"description": "Of a weekly one, from 1 for Monday, the default, to 7."},
    )

    @validates_schema
    def check(self, digest: dict[str, Any], **_options: Any) -> None:
        """Refuse a weekday of a daily digest."""
        if digest["frequency"] == DAILY and digest["weekday"] is not None:
            raise ValidationError("A daily digest has no weekday.", "weekday")

    @post_load
    def complete(self, digest: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """Return a weekly digest with its weekday."""
        return digest if digest["frequency"] == DAILY else {**digest, "weekday": digest["weekday"] or MONDAY}


class PreferencesBody(Schema):
    """The caller's preferences. A kind that is left out has its defaults."""

    channels = ByName(
        keys=fields.String(validate=validate.OneOf([kind.value for kind in Kind])),
        values=fields.Nested(ChannelsSchema),
        load_default=dict,
    )
    quiet_hours = fields.Nested(QuietHoursSchema, load_default=None, allow_none=True)
    digest = fields.Nested(DigestSchema, load_default=None, allow_none=True)


class PreferencesView(PreferencesBody):
    """The caller's preferences, with every kind and channel."""


@preferences.get("/api/notifications/preferences")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@preferences.response(200, PreferencesView)
def show_preferences() -> Response:
    """Show the caller's preferences."""
    return _answer(get_preferences(g.session, g.caller.company_id, account()))


@preferences.put("/api/notifications/preferences")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN)
@conditional
@preferences.arguments(PreferencesBody, example=EXAMPLE)
@preferences.response(200, PreferencesView)
def put_preferences(body: dict[str, Any]) -> Response:
    """Replace the caller's preferences."""
    return _answer(
        change_preferences(g.session, g.caller.company_id, account(), body, precondition=read_precondition(_tag))
    )


def _tag(stored: Preferences) -> str:
    return digest_tag(stored.document())


def _answer(stored: Preferences) -> Response:
    return json_response(stored.document(), headers={"ETag": _tag(stored)})
