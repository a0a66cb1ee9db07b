"""Serves Swagger UI and its files, so that the page needs nothing from elsewhere (docs/adr/0014)."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from string import Template

from service_kit.http.problems import NotFound

from api_gateway.messages import Headers, Request, Response

VENDORED = files("api_gateway") / "vendor" / "swagger_ui"
OWN = files("api_gateway.endpoints")
HASH_CHARACTERS = 12
FOREVER = "public, max-age=31536000, immutable"
CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        # Swagger UI's icons are data URLs in its style sheet; it shows a picture that an operation returns by a blob.
        "img-src data: blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


@dataclass(frozen=True)
class Asset:
    """A file of the page; its address holds its hash, so that browsers may keep it."""

    address: str
    media_type: str
    compressed: bytes


def show(_request: Request) -> Response:
    """Show the page."""
    return Response(
        200, [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", CSP)], _page().encode()
    )


def show_file(request: Request) -> Response:
    """Send a file of the page; raise NotFound for any other."""
    asset = _assets().get(request.params["file"])
    if asset is None:
        raise NotFound("There is nothing at this address.")
    headers: Headers = [
        ("Content-Type", asset.media_type),
        ("Cache-Control", FOREVER),
        ("Vary", "Accept-Encoding"),
    ]
    if accepts_gzip(request.environ.get("HTTP_ACCEPT_ENCODING", "")):
        return Response(200, [*headers, ("Content-Encoding", "gzip")], asset.compressed)
    return Response(200, headers, gzip.decompress(asset.compressed))


def accepts_gzip(header: str) -> bool:
    """Return whether an Accept-Encoding header names gzip with a weight above zero."""
    for part in header.lower().replace(" ", "").split(","):
        coding, _, weight = part.partition(";q=")
        if coding == "gzip":
            return not weight or bool(weight.strip("0."))
    return False


@cache
def _page() -> str:
    style, bundle, start = _assets()
    return Template((OWN / "docs.html").read_text("utf-8")).substitute(style=style, bundle=bundle, start=start)


@cache
def _assets() -> Mapping[str, Asset]:
    made = (
        _asset("swagger-ui.css", "text/css; charset=utf-8", (VENDORED / "swagger-ui.css.gz").read_bytes()),
        _asset(
            "swagger-ui-bundle.js",
            "text/javascript; charset=utf-8",
            (VENDORED / "swagger-ui-bundle.js.gz").read_bytes(),
        ),
        _asset("docs.js", "text/javascript; charset=utf-8", gzip.compress((OWN / "docs.js").read_bytes(), mtime=0)),
    )
    return {asset.address: asset for asset in made}


def _asset(name: str, media_type: str, compressed: bytes) -> Asset:
    stem, _, ending = name.rpartition(".")
    return Asset(f"{stem}.{sha256(compressed).hexdigest()[:HASH_CHARACTERS]}.{ending}", media_type, compressed)
