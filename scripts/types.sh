#!/usr/bin/env bash
# mypy --strict on the shared libraries, the launcher, ai-service and rag-service, and on the decisions of the others.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/mypy -p service_kit
.venv/bin/mypy -p eventbus
.venv/bin/mypy -p model_kit
.venv/bin/mypy -p http_server
for folder in *-service/src/*_service/domain; do
    package=${folder#*/src/}
    .venv/bin/mypy -p "${package//\//.}"
done
.venv/bin/mypy -p launcher
.venv/bin/mypy -p ai_service
.venv/bin/mypy -p rag_service
