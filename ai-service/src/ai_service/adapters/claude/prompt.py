"""Builds the request to Claude: choose one department of the list, with the ticket delimited as data."""

from typing import Any

import orjson
from model_kit.claude.prompt_delimiters import delimit, delimiter_instruction, new_delimiter
from model_kit.claude.redaction import redact

from ai_service.domain.departments import Departments
from ai_service.domain.ticket_text import TicketText, visible

MAX_TOKENS = 1_024
"""Far more than an answer needs; a cut-off answer is useless."""

HEAD_CHARACTERS = 6_000
TAIL_CHARACTERS = 2_000
DESCRIPTION_CHARACTERS = 300

SYSTEM = """\
You file help-desk tickets. Choose the one department whose work a ticket is, from this list and no other:
{departments}

{delimiter_instruction}

Answer with one JSON object: "department", a name of the list exactly as written; "confidence", a whole number from 0 \
(a guess) to 100 (certain); "reason", one short sentence that a help-desk agent understands. Where nothing fits, \
choose {fallback} with a confidence below 40."""


def request(ticket: TicketText, departments: Departments, model: str) -> dict[str, Any]:
    """Return the arguments of one Messages API call."""
    text = _text(ticket)
    mark = new_delimiter(text)
    system = SYSTEM.format(
        departments=_listed(departments),
        delimiter_instruction=delimiter_instruction(mark, "The ticket", "departments"),
        fallback=departments.fallback(),
    )
    arguments: dict[str, Any] = {
        "model": model,
        "max_tokens": MAX_TOKENS,
        "system": system,
        "messages": [{"role": "user", "content": delimit(text, mark, "ticket")}],
        "output_config": {"format": {"type": "json_schema", "schema": _schema(departments)}},
    }
    if "haiku" in model:
        # A choice among five needs no thinking, which the newer Haiku does by default and which costs seconds.
        arguments["thinking"] = {"type": "disabled"}
    return arguments


def _listed(departments: Departments) -> str:
    return "\n".join(
        orjson.dumps({"name": each.name, "description": each.description[:DESCRIPTION_CHARACTERS]}).decode()
        for each in departments
    )


def _text(ticket: TicketText) -> str:
    # Invisible characters go first: they could hide an address from the redaction.
    title, description = redact(visible(ticket.title), visible(ticket.description))
    return f"Title: {title}\n\n{_shortened(description)}"


def _shortened(text: str) -> str:
    """Return a very long text without its middle: the request stands at one of its ends."""
    if len(text) <= HEAD_CHARACTERS + TAIL_CHARACTERS:
        return text
    return f"{text[:HEAD_CHARACTERS]}\n[…]\n{text[-TAIL_CHARACTERS:]}"


def _schema(departments: Departments) -> dict[str, Any]:
    # No bounds for the number: the API's schemas don't support them, so it is clamped when it is parsed.
    return {
        "type": "object",
        "properties": {
            "department": {"type": "string", "enum": departments.names},
            "confidence": {"type": "integer", "description": "0 to 100"},
            "reason": {"type": "string"},
        },
        "required": ["department", "confidence", "reason"],
        "additionalProperties": False,
    }
