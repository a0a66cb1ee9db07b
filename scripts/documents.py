"""Write all generated files (`python -m scripts.documents`), or those that need the registry alone (`… lists`)."""

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

    from scripts import compose_services, events_doc, policy_doc

    return {
        **compose_services.documents(),
        **events_doc.documents(),
        **policy_doc.documents(),
        events_doc.ROOT / "docs" / "coming-from.md": coming_from.page(),
    }


STEPS: tuple[Callable[[], Documents], ...] = (lists, routes, others)


def outdated(documents: Documents) -> Iterator[Path]:
    """Yield the files whose text differs from what is generated."""
    for path, text in documents.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield path


def main() -> None:
    """Write what has changed."""
    for step in (lists,) if "lists" in sys.argv else STEPS:
        documents = step()
        for path in outdated(documents):
            path.parent.mkdir(exist_ok=True)
            path.write_text(documents[path], encoding="utf-8")
            sys.stderr.write(f"written: {path}\n")


if __name__ == "__main__":
    main()
