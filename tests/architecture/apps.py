"""The app and the subscriptions of every service, built as its process builds them; nothing connects to anything."""

import functools
import importlib
import tempfile
from collections.abc import Mapping
from typing import Any

from eventbus.consumer import Subscription
from flask import Flask

from .tree import SERVICES

WITH_ROUTES = {name: package for name, package in SERVICES.items() if name != "api-gateway"}


@functools.cache
def app_of(service: str) -> Flask:
    """Return the app of a service."""
    app: Flask = _process(service).create_app()
    return app


@functools.cache
def subscriptions_of(service: str) -> Mapping[str, Subscription]:
    """Return the subscriptions of a service by the purpose of their queues."""
    return {each.name: each for each in _process(service).subscriptions()}


def document_of(service: str) -> Mapping[str, Any]:
    """Return the OpenAPI document of a service."""
    document: Mapping[str, Any] = app_of(service).test_client().get("/openapi.json").get_json()
    return document


@functools.cache
def _process(service: str) -> Any:
    declared = importlib.import_module(f"{SERVICES[service]}.service").SERVICE
    folder = tempfile.mkdtemp()
    return declared.instance(
        declared.read_settings(
            {
                "SMARTTICKET_ENV": "development",
                "EMBEDDINGS_MODEL": "none",
                "QDRANT_URL": "http://127.0.0.1:1",
                **dict.fromkeys(("FILES_DIR", "MODELS_DIR", "TRAINING_DATA_DIR", "RAG_DATA_DIR"), folder),
            }
        )
    )
