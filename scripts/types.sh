#!/usr/bin/env bash
# mypy --strict on the shared libraries and on every service's decisions.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/mypy -p service_kit
.venv/bin/mypy -p model_kit
.venv/bin/mypy -p http_server
for package in ticket_service ai_service routing_service analytics_service auth_service; do
    .venv/bin/mypy -p "$package.domain"
done
.venv/bin/mypy -p ai_service.adapters.local.classifier
.venv/bin/mypy -p rag_service
