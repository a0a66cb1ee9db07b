#!/usr/bin/env bash
# Chooses one version of every library for all distributions and writes constraints.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/python -m pip install --quiet uv
.venv/bin/python -m uv pip compile --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url \
    --no-emit-find-links --upgrade requirements-dev.txt -o constraints.new --no-config --quiet
{
    echo "# One version of every library for all distributions. Written by \`make constraints\`."
    grep -v '^-e ' constraints.new
} > constraints.txt
rm constraints.new
