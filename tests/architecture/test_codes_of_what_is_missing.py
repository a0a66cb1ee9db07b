"""One rule for the codes of 404: `ticket_not_found` names what is missing; `not_found`: nothing is at the address."""

import ast
import re
from importlib import import_module

import pytest

from .tree import SERVICES, parsed, source_files

NAMES_SOMETHING = re.compile(r"[a-z]+(_[a-z]+)*_not_found")
NO_ADDRESS = "There is nothing at this address."


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "api-gateway"])
def test_the_errors_of_a_service_name_what_is_missing(service: str) -> None:
    errors = import_module(f"{SERVICES[service]}.service").SERVICE.errors
    codes = [code for status, code in errors.values() if status == 404]
    assert codes
    assert [code for code in codes if not NAMES_SOMETHING.fullmatch(code)] == []


@pytest.mark.parametrize("folder", [*SERVICES, "service-kit", "operations-kit"])
def test_a_404_raised_on_the_spot_names_what_is_missing(folder: str) -> None:
    wrong = [
        f"{path.name}:{call.lineno}"
        for path in source_files(folder)
        for call in ast.walk(parsed(path))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "NotFound"
        if not (call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value == NO_ADDRESS)
        if "code" not in {keyword.arg for keyword in call.keywords}
    ]
    assert wrong == []
