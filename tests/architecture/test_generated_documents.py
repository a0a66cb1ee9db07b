"""What is generated is up to date."""

import subprocess
import sys

from .tree import ROOT


def test_the_events_document_and_asyncapi_are_written_from_the_contracts() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "events_doc.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_page_for_people_who_come_from_other_systems_is_written_from_the_aliases() -> None:
    from api_gateway.coming_from import page

    assert (ROOT / "docs" / "coming-from.md").read_text(encoding="utf-8") == page()
