"""OpenAPI 3.1 from the routes; every operation has a problem as its default response."""

import flask_smorest
import marshmallow

from service_kit.http.problems import MEDIA_TYPE

OPENAPI_VERSION = "3.1.0"


class InvalidField(marshmallow.Schema):
    """An invalid field."""

    field = marshmallow.fields.String(required=True)
    message = marshmallow.fields.String(required=True)


class ProblemDetails(marshmallow.Schema):
    """An error in the format of RFC 9457."""

    type = marshmallow.fields.String(required=True)
    title = marshmallow.fields.String(required=True)
    status = marshmallow.fields.Integer(required=True)
    code = marshmallow.fields.String(required=True, metadata={"description": "Stable; meant for programs."})
    request_id = marshmallow.fields.String(required=True)
    detail = marshmallow.fields.String(metadata={"description": "Meant for people."})
    errors = marshmallow.fields.List(marshmallow.fields.Nested(InvalidField))


class Api(flask_smorest.Api):
    """flask-smorest's Api with problems as error responses. `operations` serves the document."""

    ERROR_SCHEMA = ProblemDetails  # type: ignore[assignment]  # any schema is accepted

    def _register_responses(self) -> None:
        # The attribute is the content type of all responses without one of their own, errors or not.
        self.DEFAULT_RESPONSE_CONTENT_TYPE = MEDIA_TYPE
        super()._register_responses()  # type: ignore[no-untyped-call]
        del self.DEFAULT_RESPONSE_CONTENT_TYPE

    def _register_error_handlers(self) -> None:
        """Do nothing: `problems.handle_errors` registers the error handlers."""
