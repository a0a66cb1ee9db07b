"""The bodies of requests in OpenAPI name the fields that the service needs."""

from workflow_service.api.calendars import CalendarBody, ExceptionSchema
from workflow_service.api.external_schemas import NEEDED, ExternalData


def test_a_calendar_names_the_fields_that_it_needs() -> None:
    assert {name for name, field in CalendarBody().fields.items() if field.required} == {"name", "time_zone", "weekly"}
    assert [name for name, field in ExceptionSchema().fields.items() if field.required] == ["date"]


def test_each_field_of_a_request_to_a_partner_names_the_kind_that_needs_it() -> None:
    for name, field in ExternalData().fields.items():
        kinds = [kind for kind, needed in NEEDED.items() if name in needed]
        if name != "kind":
            assert f"Required with the kind `{kinds[0]}`" in field.metadata["description"]
