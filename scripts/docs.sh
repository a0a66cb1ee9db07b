#!/usr/bin/env bash
# Writes the generated documents again: docs/events.md, contracts/asyncapi.yaml, docs/coming-from.md.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh dev
.venv/bin/python scripts/events_doc.py
.venv/bin/python -m api_gateway.coming_from
