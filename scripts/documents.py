"""Write all generated files (`python -m scripts.documents`), or those of one step (`… lists`, `… client`).

`contracts/openapi.json` is written again only where clients of the one before go on working;
`… accept-breaking-changes` writes it whatever breaks.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

Documents = dict[Path, str]


def lists() -> Documents:
    """Return the files that are made without the services' code, so that a new service can be installed."""
    from scripts import service_lists

    return service_lists.documents()


def routes() -> Documents:
    """Return the services' routes. The gateway can't be imported before they are written."""
    from scripts import http_contracts

    return http_contracts.documents()


def others() -> Documents:
    """Return the files that are made from the code of all services."""
    from api_gateway import coming_from

    from scripts import compose_services, events_doc, policy_doc, problems_doc

    return {
        **compose_services.documents(),
        **events_doc.documents(),
        **policy_doc.documents(),
        **problems_doc.documents(),
        events_doc.ROOT / "docs" / "coming-from.md": coming_from.page(),
    }


def client() -> Documents:
    """Return the generated part of the Python client."""
    from scripts import python_client

    return python_client.documents()


def api() -> Documents:
    """Return the API's document, unless it would break clients."""
    from scripts import public_api

    return public_api.documents()


STEPS: tuple[Callable[[], Documents], ...] = (lists, routes, others, client)


def outdated(documents: Documents) -> Iterator[Path]:
    """Yield the files whose text differs from what is generated."""
    for path, text in documents.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield path


def main() -> None:
    """Write what has changed."""
    steps = (*STEPS, api)
    for step in [each for each in steps if each.__name__ in sys.argv] or steps:
        documents = step()
        for path in outdated(documents):
            path.parent.mkdir(exist_ok=True)
            path.write_text(documents[path], encoding="utf-8")
            sys.stderr.write(f"written: {path}\n")


if __name__ == "__main__":
    main()
