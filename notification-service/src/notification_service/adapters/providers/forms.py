"""The fields of a form as bytes: a mail among them keeps each of its bytes, whatever its charset."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from notification_service.ports import BadDelivery, Incoming

MAX_FIELDS = 200
FORM = "form"


def form_fields(incoming: Incoming) -> Mapping[str, bytes]:
    """Return the fields of a form by name, of several the first; files are left out. Raises BadDelivery."""
    if FORM not in incoming.forms:
        incoming.forms[FORM] = _read(incoming.header("content-type"), incoming.body)
    return incoming.forms[FORM]


def _read(content_type: str, body: bytes) -> Mapping[str, bytes]:
    kind, options = parse_options_header(content_type)
    try:
        if kind == "application/x-www-form-urlencoded":
            pairs = parse_qsl(body.decode("latin-1"), True, encoding="latin-1", max_num_fields=MAX_FIELDS)
            return {name: value.encode("latin-1") for name, value in reversed(pairs)}
        if kind == "multipart/form-data" and options.get("boundary"):
            return _multipart(options["boundary"].encode("latin-1"), body)
    except (ValueError, RequestEntityTooLarge) as error:
        raise BadDelivery("body", "Not a proper form.") from error
    raise BadDelivery("body", "Must be a form.")


def _multipart(boundary: bytes, body: bytes) -> dict[str, bytes]:
    decoder = MultipartDecoder(boundary, max_parts=MAX_FIELDS)
    decoder.receive_data(body)
    decoder.receive_data(None)
    found: dict[str, bytes] = {}
    name: str | None = None
    pieces: list[bytes] = []
    while not isinstance(event := decoder.next_event(), Epilogue | NeedData):
        if isinstance(event, Field | File):
            name = event.name if isinstance(event, Field) else None
            pieces = []
        elif isinstance(event, Data):
            pieces.append(event.data)
            if not event.more_data and name is not None:
                found.setdefault(name, b"".join(pieces))
    return found
