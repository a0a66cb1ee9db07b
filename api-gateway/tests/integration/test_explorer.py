"""`/docs`: Swagger UI from the gateway's own files, which are those that its makers published."""

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from api_gateway.endpoints.docs import VENDORED, accepts_gzip
from openapi_spec_validator import validate
from werkzeug.test import Client

Make = Callable[..., Client]
ROOT = Path(__file__).resolve().parents[2]
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
ADDRESS = re.compile(r'(?:href|src)="([^"]*)"')


def policy(client: Client) -> dict[str, list[str]]:
    """Return the directives of the page's Content-Security-Policy."""
    directives = client.get("/docs").headers["Content-Security-Policy"].split("; ")
    return {name: sources for name, *sources in map(str.split, directives)}


def addresses(client: Client) -> list[str]:
    """Return the addresses of the files that the page loads."""
    return [found for found in ADDRESS.findall(client.get("/docs").text) if not found.startswith("data:")]


def test_the_vendored_files_are_those_that_were_published() -> None:
    listed = json.loads((VENDORED / "vendored.json").read_text("utf-8"))
    for name, expected in listed["sha256"].items():
        packed = VENDORED / f"{name}.gz"
        content = gzip.decompress(packed.read_bytes()) if packed.is_file() else (VENDORED / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == expected, name
    there = {found.name.removesuffix(".gz") for found in VENDORED.iterdir()}
    assert there == {"vendored.json", *listed["sha256"]}
    dependencies = (ROOT.parent / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert f"{listed['name']} {listed['version']}" in dependencies


def test_an_installed_gateway_has_all_files() -> None:
    """The wheel takes what package-data names; a file of another kind would be missing in the image alone."""
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"][
        "package-data"
    ]
    package = Path(str(files("api_gateway")))
    for path in (found for found in package.rglob("*") if found.is_file() and found.suffix not in (".py", ".pyc")):
        folder = ".".join(path.parent.relative_to(package.parent).parts)
        assert any(path.match(pattern) for pattern in [*patterns["*"], *patterns.get(folder, ())]), path


@pytest.mark.parametrize("path", ["/docs", "/docs/"])
def test_the_page_loads_only_files_of_the_gateway(gateway: Make, path: str) -> None:
    client = gateway()
    page = client.get(path)
    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    assert len(addresses(client)) == 3
    for address in addresses(client):
        assert client.get(address).status_code == 200
    assert not re.search(r"<script(?! src=)|<style|\son\w+=|\sstyle=|https?:", page.text)


def test_the_policy_allows_no_inline_code_and_no_other_host(gateway: Make) -> None:
    assert policy(gateway()) == {
        "default-src": ["'none'"], "script-src": ["'self'"], "style-src": ["'self'"], "connect-src": ["'self'"],
        "img-src": ["data:", "blob:"], "base-uri": ["'none'"], "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }  # fmt: skip


def test_files_are_kept_by_browsers_and_sent_compressed_to_those_that_take_it(gateway: Make) -> None:
    client = gateway()
    kinds = []
    for address in addresses(client):
        plain, packed = client.get(address), client.get(address, headers={"Accept-Encoding": "br, gzip;q=0.8"})
        kinds.append(plain.content_type)
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        for answer in (plain, packed):
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
            assert answer.headers["Vary"] == "Accept-Encoding"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        head = client.head(address)
        assert (head.data, head.headers["Content-Length"]) == (b"", str(len(plain.data)))
    assert kinds == ["text/css; charset=utf-8", *["text/javascript; charset=utf-8"] * 2]


@pytest.mark.parametrize(
    ("header", "accepted"),
    [("", False), ("gzip", True), ("br, GZIP ; q=0.5", True), ("gzip;q=0", False), ("gzip;q=0.00", False),
     ("identity", False), ("xgzip", False)],
)  # fmt: skip
def test_gzip_is_sent_to_those_alone_that_accept_it(header: str, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted


@pytest.mark.parametrize("path", ["/docs/docs.js", "/docs/vendored.json", "/docs/x/y", "/docs/..%2fservice.py"])
def test_other_addresses_below_the_page_are_404(gateway: Make, path: str) -> None:
    answer = gateway().get(path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_page_and_document_need_no_token_and_the_document_names_the_bearer_token(gateway: Make) -> None:
    client = gateway(
        SMARTTICKET_ENV="production", RATE_LIMITS="off",
        INTERNAL_SIGNING_KEY="/AZdKcp0xqpf9LLLFRQS/ijoxq7ejwnImt0cnYQG7Z4=",
    )  # fmt: skip
    assert [client.get(path).status_code for path in ("/docs", *addresses(client))] == [200] * 4
    document = client.get("/openapi.json").json
    validate(document)
    assert document["components"]["securitySchemes"] == {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An access token, or an API key."},
        "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key."},
    }
    assert document["security"] == [{"bearer": []}, {"apiKey": []}]
    for item in document["paths"].values():
        for operation in item.values():
            assert operation["summary"]
            assert operation["tags"]


@pytest.mark.slow
@pytest.mark.skipif(not BROWSER, reason="needs chromium")
def test_a_browser_shows_the_operations_under_the_policy(running: Any, tmp_path: Path) -> None:
    shown = subprocess.run(
        [str(BROWSER), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--enable-logging=stderr", f"--user-data-dir={tmp_path}/browser", "--virtual-time-budget=30000",
         "--dump-dom", running().url + "/docs"],
        capture_output=True, text=True, timeout=240, check=True,
    )  # fmt: skip
    assert 'id="operations-api-gateway-get_api_statuses"' in shown.stdout
    assert "Content Security Policy" not in shown.stderr
