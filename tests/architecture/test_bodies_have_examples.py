"""Every JSON body in the OpenAPI documents has an example that its route accepts: `/docs` fills it in."""

import re

import pytest

from .apps import WITH_ROUTES, app_of, document_of

CONVERTED = re.compile(r"<(?:\w+:)?(\w+)>")


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_every_body_has_an_example_that_its_schema_accepts(service: str) -> None:
    app, paths = app_of(service), document_of(service)["paths"]
    seen = 0
    for rule in app.url_map.iter_rules():
        schema = app.view_functions[rule.endpoint].__dict__.get("body_schema")
        if schema is None:
            continue
        path = CONVERTED.sub(r"{\1}", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            body = paths[path][method.lower()]["requestBody"]["content"]["application/json"]
            with app.app_context():
                assert schema.load(body["example"]), (method, path)
            seen += 1
    assert seen
