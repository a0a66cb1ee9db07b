"""Reads and writes messages of Celery (protocols 1 and 2), and reads plain JSON."""

import bz2
import json
import os
import socket
import uuid
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from external_kit.message import ExternalMessage, Refused

JSON = "application/json"
ENCODINGS = frozenset({"", "utf-8", "utf8", "us-ascii"})
ZLIB_OR_GZIP = 47
"""zlib's `wbits` by which it recognises both headers: Celery calls a zlib stream gzip."""


@dataclass(frozen=True)
class Task:
    """A task of Celery with its payload; plain JSON has no `name`."""

    name: str | None
    payload: Mapping[str, Any]


def unpack(message: ExternalMessage, max_bytes: int) -> bytes:
    """Return the body of a message, decompressed; raise Refused for one that is larger than `max_bytes`.

    The size is limited while unpacking, so that a small message can't fill the memory.
    """
    compression = message.headers.get("compression")
    body = message.body if compression is None else _decompressed(message.body, compression, max_bytes)
    if len(body) > max_bytes:
        raise Refused(f"body: larger than {max_bytes} bytes")
    return body


def read_task(message: ExternalMessage, body: bytes, payload_names: Collection[str]) -> Task:
    """Return the task of an unpacked body; raise Refused for anything but JSON in one of the three forms.

    The payload is the first argument that is an object, or the keyword argument of one of `payload_names`, or all
    keyword arguments. A task with an `eta` is read at once: its sender's clock is not waited for.
    """
    content_type = (message.content_type or JSON).partition(";")[0].strip().lower()
    if content_type != JSON:
        # Among these is pickle (application/x-python-serialize), which runs code when it is read.
        raise Refused(f"content_type: {content_type[:60]!r} is not {JSON}")
    if (message.content_encoding or "").lower() not in ENCODINGS:
        raise Refused(f"content_encoding: {str(message.content_encoding)[:60]!r} is not utf-8")
    content = _json(body)
    name = message.headers.get("task")
    if isinstance(name, str):  # protocol 2: the task's name is a header, the body [args, kwargs, embed]
        if not isinstance(content, list) or len(content) < 2:
            raise Refused("body: not [args, kwargs, …], as Celery sends it")
        return Task(name, _payload(content[0], content[1], payload_names))
    if not isinstance(content, dict):
        raise Refused("body: not an object")
    if "task" not in content:
        return Task(None, content)
    if not isinstance(content["task"], str):
        raise Refused("task: not a text")
    return Task(content["task"], _payload(content.get("args"), content.get("kwargs"), payload_names))


def celery_message(
    task: str, arguments: Mapping[str, Any], headers: Mapping[str, Any] | None = None
) -> ExternalMessage:
    """Return a message of Celery's protocol 2 with keyword arguments; `headers` are added to Celery's own."""
    task_id = str(uuid.uuid4())
    embed = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
    own = {
        "lang": "py",
        "task": task,
        "id": task_id,
        "root_id": task_id,
        "parent_id": None,
        "group": None,
        "eta": None,
        "expires": None,
        "retries": 0,
        "timelimit": [None, None],
        "origin": f"{os.getpid()}@{socket.gethostname()}",
        # Celery puts the arguments here; nobody needs them twice.
        "argsrepr": "()",
        "kwargsrepr": "{}",
    }
    return ExternalMessage(
        json.dumps([[], arguments, embed]).encode(), {**own, **(headers or {})}, JSON, "utf-8", correlation_id=task_id
    )


def plain_message(content: Mapping[str, Any], headers: Mapping[str, Any] | None = None) -> ExternalMessage:
    """Return a message of plain JSON."""
    return ExternalMessage(json.dumps(content).encode(), dict(headers or {}), JSON, "utf-8", str(uuid.uuid4()))


def _decompressed(body: bytes, compression: object, max_bytes: int) -> bytes:
    decompressor: Any
    if compression in ("application/x-gzip", "gzip", "zlib"):
        decompressor = zlib.decompressobj(ZLIB_OR_GZIP)
    elif compression in ("application/x-bz2", "application/x-bzip2", "bzip2"):
        decompressor = bz2.BZ2Decompressor()
    else:
        raise Refused(f"compression: {str(compression)[:60]!r} is neither gzip nor bzip2")
    try:
        unpacked: bytes = decompressor.decompress(body, max_bytes + 1)
    except (zlib.error, OSError, ValueError):
        raise Refused("body: can't be decompressed") from None
    if len(unpacked) <= max_bytes and not decompressor.eof:
        raise Refused("body: its compressed data is cut off")
    return unpacked


def _json(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"), object_hook=_plain, parse_constant=_no_constant)
    except RecursionError:
        raise Refused("body: nested too deeply") from None
    except ValueError:
        raise Refused("body: not JSON in UTF-8") from None


def _plain(content: dict[str, Any]) -> Any:
    """Return an object, or the text of a value that JSON lacks: Celery wraps times, UUIDs and decimals."""
    if content.keys() != {"__type__", "__value__"}:
        return content
    value = content["__value__"]
    if isinstance(value, dict) and value.keys() == {"hex"}:
        value = value["hex"]
    return value if isinstance(value, str) else content


def _no_constant(_constant: str) -> NoReturn:
    raise ValueError("NaN and infinite numbers are no JSON")


def _payload(args: Any, kwargs: Any, names: Collection[str]) -> Mapping[str, Any]:
    for each in args if isinstance(args, list) else []:
        if isinstance(each, dict):
            return each
    if not isinstance(kwargs, dict):
        raise Refused("body: there is neither an object among the arguments nor a keyword argument")
    for name in names:
        found = kwargs.get(name)
        if isinstance(found, dict):
            return found
    return kwargs
