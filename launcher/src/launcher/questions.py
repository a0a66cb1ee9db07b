"""Reads test questions for retrieval from JSON lines, and saves all of them or none."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from launcher.client import Gateway
from launcher.files import read_file

MAX_QUESTION_CHARACTERS = 2_000
MAX_EXPECTED_CHARACTERS = 255
MAX_EXPECTED_NAMES = 200
BATCH_QUESTIONS = 200
SHOWN_FAULTS = 5
FORM = '{"question": …, "expected": [names of files or ids, …]}'


def read_questions(file: Path) -> list[dict[str, Any]]:
    """Return the questions of a file, each checked; raises click.ClickException naming the lines that are wrong."""
    items, faults = [], []
    # Only a line feed ends a line: JSON may hold other signs that Python takes for line ends.
    for number, line in enumerate(read_file(file).removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        try:
            text = line.decode("utf-8").strip()
            if text:
                items.append(_checked(json.loads(text)))
        except UnicodeDecodeError as error:
            faults.append(f"line {number}: byte {error.start + 1} is not UTF-8; save the file as UTF-8")
        except json.JSONDecodeError as error:
            faults.append(f"line {number}: not JSON ({error.msg}); write {FORM}")
        except (ValueError, RecursionError) as error:
            faults.append(f"line {number}: {error}")
    if faults:
        more = [f"and {len(faults) - SHOWN_FAULTS} more lines"] if len(faults) > SHOWN_FAULTS else []
        raise click.ClickException("\n".join((f"{file}: nothing is saved", *faults[:SHOWN_FAULTS], *more)))
    if not items:
        raise click.ClickException(f"{file} holds no question; write {FORM}")
    return items


def save_all(gateway: Gateway, items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Save questions in batches; if a call fails, delete those saved before. Return expected names that don't exist."""
    saved: list[int] = []
    not_found: dict[str, None] = {}
    try:
        for begin in range(0, len(items), BATCH_QUESTIONS):
            answer = gateway.post("/rag/questions", {"items": items[begin : begin + BATCH_QUESTIONS]})
            saved += answer["ids"]
            not_found |= dict.fromkeys(answer["not_found"])
    except BaseException:
        for number in saved:
            with suppress(click.ClickException):
                gateway.call("DELETE", f"/rag/questions/{number}")
        raise
    return list(not_found)


def _checked(item: Any) -> dict[str, Any]:
    if not isinstance(item, dict) or not {"question", "expected"} <= item.keys():
        raise ValueError(f"write {FORM}")
    question, expected = item["question"], item["expected"]
    if not _is_text(question, MAX_QUESTION_CHARACTERS):
        raise ValueError(f"the question must be a text of 1 to {MAX_QUESTION_CHARACTERS:,} characters")
    if not isinstance(expected, list) or not 1 <= len(expected) <= MAX_EXPECTED_NAMES:
        raise ValueError(f"expected must be a list of 1 to {MAX_EXPECTED_NAMES} names or ids")
    if not all(_is_text(name, MAX_EXPECTED_CHARACTERS) for name in expected):
        raise ValueError(f"each name in expected must be a text of 1 to {MAX_EXPECTED_CHARACTERS} characters")
    return {"question": question, "expected": expected}


def _is_text(value: Any, max_characters: int) -> bool:
    """Return whether a value is a text that can be stored: not blank, without NUL and lone surrogates."""
    return (
        isinstance(value, str)
        and 1 <= len(value) <= max_characters
        and bool(value.strip())
        and not any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in value)
    )
