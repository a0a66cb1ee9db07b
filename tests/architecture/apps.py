"""Every service's HTTP side, made as its process makes it; nothing connects to anything."""

import functools
import importlib
import tempfile
from collections.abc import Mapping
from typing import Any

from flask import Flask

from .tree import SERVICES

WITH_ROUTES = {name: package for name, package in SERVICES.items() if name != "api-gateway"}


@functools.cache
def app_of(service: str) -> Flask:
    """Return the app of a service."""
    declared = importlib.import_module(f"{SERVICES[service]}.service").SERVICE
    folder = tempfile.mkdtemp()
    settings = declared.read_settings(
        {
            "SMARTTICKET_ENV": "development",
            "EMBEDDINGS_MODEL": "none",
            "QDRANT_URL": "http://127.0.0.1:1",
            **dict.fromkeys(("FILES_DIR", "MODELS_DIR", "TRAINING_DATA_DIR", "RAG_DATA_DIR"), folder),
        }
    )
    app: Flask = declared.process(settings).create_app()
    return app


def document_of(service: str) -> Mapping[str, Any]:
    """Return the OpenAPI document of a service."""
    document: Mapping[str, Any] = app_of(service).test_client().get("/openapi.json").get_json()
    return document
