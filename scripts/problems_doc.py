"""What `make docs` writes of the declared kinds of problems: docs/problems.md."""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

from smartticket_contracts.problems import Kind, kinds

PAGE = Path(__file__).resolve().parents[1] / "docs" / "problems.md"

INTRODUCTION = """# Problems

Written by `make docs` from `contracts/problems.yaml`; change that file, not this one.

Every error is an `application/problem+json` document (RFC 9457) with a stable `code`. Its `type` is `/problems/<code>`,
where the gateway serves the code's page. `detail` is for people and may change, `errors` names invalid fields,
`request_id` finds the request in the logs. What belongs to another company answers 404, as if it weren't there.
"""


def documents() -> dict[Path, str]:
    """Return the text of the page."""
    return {PAGE: "\n".join([INTRODUCTION, *_sections()]) + "\n"}


def _sections() -> Iterator[str]:
    for status in sorted({kind.statuses[-1] for kind in kinds().values()}):
        yield f"## {status} {HTTPStatus(status).phrase}\n"
        for kind in sorted(kinds().values(), key=lambda kind: kind.code):
            if kind.statuses[-1] == status:
                yield from _section(kind)


def _section(kind: Kind) -> Iterator[str]:
    yield f"### {kind.code}\n"
    others = [str(status) for status in kind.statuses[:-1]]
    yield f"{kind.when}{' Also answered with ' + ', '.join(others) + '.' if others else ''}\n"
    yield f"**What to do:** {kind.advice}\n"
