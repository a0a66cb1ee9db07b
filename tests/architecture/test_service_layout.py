"""Every service has the same layout, and one declaration that its program, the launcher and the tests use."""

import importlib
import pkgutil
from typing import Any

import pytest
from eventbus.consumer import Consumer
from operations_kit.service import Service

from .tree import ROOT, SERVICES, source_files

WITH_DATABASE = {name: package for name, package in SERVICES.items() if name != "api-gateway"}
ROOT_MODULES = {"__init__", "service", "settings", "dependencies", "events", "ports", "metrics", "command_line"}
NEEDED_MODULES = {"__init__", "service", "settings", "dependencies"}
FOLDERS = {"api", "consumers", "usecases", "domain", "store", "adapters", "migrations", "live"}
"""`live`: connections that stay open, served by a process of its own."""
NEEDED_FOLDERS = {"api", "usecases", "domain", "store", "migrations"}


def declared(service: str) -> Service[Any, Any]:
    """Return the declaration of a service."""
    found: Service[Any, Any] = importlib.import_module(f"{SERVICES[service]}.service").SERVICE
    return found


@pytest.mark.parametrize("service", WITH_DATABASE)
def test_the_root_of_a_service_has_the_same_modules_and_folders_everywhere(service: str) -> None:
    package = ROOT / service / "src" / SERVICES[service]
    below = [path.relative_to(package).parts for path in source_files(service) if path.is_relative_to(package)]
    modules = {parts[0].removesuffix(".py") for parts in below if len(parts) == 1}
    folders = {parts[0] for parts in below if len(parts) > 1}
    assert modules - ROOT_MODULES == set()
    assert NEEDED_MODULES - modules == set()
    assert folders - FOLDERS == set()
    assert NEEDED_FOLDERS - folders == set()


@pytest.mark.parametrize("service", SERVICES)
def test_the_program_of_a_service_only_runs_its_declaration(service: str) -> None:
    lines = (ROOT / service / "src" / "app.py").read_text(encoding="utf-8").splitlines()
    assert {line for line in lines if line.strip()} - {lines[0]} == {
        f"from {SERVICES[service]}.service import SERVICE",
        "from service_kit.serve import main",
        'if __name__ == "__main__":',
        "    main(SERVICE)",
    }
    assert declared(service).name == service


@pytest.mark.parametrize("service", WITH_DATABASE)
def test_every_consumer_is_declared_in_a_module_of_its_own_and_listed(service: str) -> None:
    assert isinstance(declared(service), Service)
    try:
        folder = importlib.import_module(f"{SERVICES[service]}.consumers")
    except ModuleNotFoundError:
        assert declared(service).consumers == ()
        return
    modules = [
        importlib.import_module(found.name) for found in pkgutil.iter_modules(folder.__path__, f"{folder.__name__}.")
    ]
    constants = {id(module.CONSUMER): module for module in modules if "CONSUMER" in vars(module)}
    assert all(isinstance(module.CONSUMER, Consumer) for module in constants.values())
    assert {id(consumer) for consumer in declared(service).consumers} == set(constants)
