#!/usr/bin/env bash
# Writes what is generated from contracts/ and from the services' code: lists of services, docker-compose.yml, the
# allow-list of routes, docs/events.md, docs/policy.md, docs/problems.md, contracts/asyncapi.yaml, contracts/openapi.json,
# docs/coming-from.md, the Python client.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh dev
.venv/bin/python -m scripts.documents lists
scripts/install.sh dev  # a new service
.venv/bin/python -m scripts.documents
