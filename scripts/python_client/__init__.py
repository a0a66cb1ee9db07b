"""Writes the generated part of `clients/python` from the OpenAPI document: the types and the resources.

A generator of our own, because those at hand make a module of four functions per operation (some 20,000 lines), and
leave retries, pages and problems to the caller. What is generated here only says which fields and answers an operation
has; the hand-written part of the client does the rest.
"""

import subprocess
import sys
from pathlib import Path

from scripts.python_client.document import public_document
from scripts.python_client.operations import operations_of
from scripts.python_client.resources import resources_module
from scripts.python_client.types import Types

FOLDER = Path(__file__).resolve().parents[2] / "clients" / "python" / "src" / "smartticket_client" / "generated"


def documents() -> dict[Path, str]:
    """Return the text of each generated module."""
    document = public_document()
    types = Types(document)
    resources = resources_module(operations_of(document, types))
    return {
        FOLDER / "resources.py": _formatted(resources),
        FOLDER / "types.py": _formatted(types.module()),
    }


def _formatted(code: str) -> str:
    for command in (["check", "--fix", "--quiet", "--select", "I"], ["format"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(FOLDER / "generated.py"), "-"]
        code = subprocess.run(ruff, input=code, capture_output=True, text=True, check=True).stdout  # noqa: S603
    return code
