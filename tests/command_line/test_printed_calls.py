"""Every operation of every service has a call in /docs that a shell takes and that fits it."""

import json
import shlex

import pytest
from api_gateway.endpoints.examples import curl
from launcher.services import SERVICES


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "api-gateway"])
def test_every_operation_of_every_service_has_a_call_that_fits_it(service: str) -> None:
    declared = SERVICES[service]
    settings = declared.read_settings({"SMARTTICKET_ENV": "development", "QDRANT_URL": "http://127.0.0.1:9"})
    document = declared.process(settings).create_app().test_client().get("/openapi.json").json
    seen = 0
    for path, item in document["paths"].items():
        shared = item.get("parameters", [])
        for method in item.keys() & {"get", "post", "put", "patch", "delete"}:
            operation = item[method] | {"parameters": [*shared, *item[method].get("parameters", [])]}
            found = shlex.split(curl(path, method, operation, document).replace("\\\n", " "))
            seen += 1
            assert "{" not in next(word for word in found if word.startswith("http://localhost:5000"))
            content = operation.get("requestBody", {}).get("content", {})
            assert ("-d" in found) == ("application/json" in content), (path, found)
            assert ("-F" in found) == ("multipart/form-data" in content), (path, found)
            if "-d" in found:
                json.loads(found[found.index("-d") + 1])
    assert seen > 5
