"""An error at the start names the services that it stops."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from launcher.start_errors import naming, read_all
from service_kit.http.server import PortTaken
from service_kit.settings import BadSettings
from service_kit.telemetry.logs import service_name


def service(*, fails: Mapping[str, str]) -> Any:
    """Return a service that refuses some settings, each with a fault."""

    def read_settings(mapping: Mapping[str, str]) -> Mapping[str, str]:
        faults = [fault for setting, fault in fails.items() if setting in mapping]
        if faults:
            raise BadSettings(faults)
        return mapping

    return SimpleNamespace(read_settings=read_settings)


COMMON, OWN, SHARED = "HTTP_THREADS must be a number", "AUTH_KEY_SECRET is not random", "MODEL_DIR is no folder"
SERVICES = {
    "ticket-service": service(fails={"HTTP_THREADS": COMMON}),
    "ai-service": service(fails={"HTTP_THREADS": COMMON, "MODEL_DIR": SHARED}),
    "rag-service": service(fails={"HTTP_THREADS": COMMON, "MODEL_DIR": SHARED}),
    "auth-service": service(fails={"HTTP_THREADS": COMMON, "AUTH_KEY_SECRET": OWN}),
}


def mapping_of(environment: Mapping[str, str]) -> Callable[[str], Mapping[str, str]]:
    return lambda _service: environment


def test_good_settings_are_read_for_every_service() -> None:
    assert read_all(SERVICES, mapping_of({"LOG_LEVEL": "INFO"})) == {name: {"LOG_LEVEL": "INFO"} for name in SERVICES}


def test_a_fault_is_told_once_with_the_services_that_it_stops() -> None:
    with pytest.raises(BadSettings) as caught:
        read_all(SERVICES, mapping_of({"HTTP_THREADS": "x", "MODEL_DIR": "/", "AUTH_KEY_SECRET": "0"}))
    assert caught.value.faults == [COMMON, f"ai-service, rag-service: {SHARED}", f"auth-service: {OWN}"]


@pytest.mark.parametrize("error", [BadSettings(["no model"]), ValueError("no model"), OSError(2, "no model")])
def test_an_error_of_one_services_start_names_it(error: Exception) -> None:
    with pytest.raises((BadSettings, ValueError), match=r"rag-service: .*no model"), naming("rag-service"):
        raise error
    assert service_name.get() == ""


def test_a_taken_port_names_the_service_and_the_setting_that_moves_it() -> None:
    taken = PortTaken("can't listen on 127.0.0.1:5006 (Address already in use); free it or set PORT")
    with pytest.raises(PortTaken) as caught, naming("auth-service"):
        raise taken
    assert str(caught.value) == (
        "auth-service: can't listen on 127.0.0.1:5006 (Address already in use); free it or set AUTH_PORT"
    )
