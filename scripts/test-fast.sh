#!/usr/bin/env bash
# Ruff, the architecture tests and the unit tests of all parts, two suites at a time. Needs no broker. Tests marked slow are
# left to scripts/test.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh dev
.venv/bin/ruff check .
.venv/bin/ruff format --check .
suite() {
    local output code=0
    output=$(.venv/bin/pytest -q -m "not slow" ${DURATIONS:+--durations="$DURATIONS"} "$1" 2>&1) || code=$?
    printf '== %s\n%s\n' "$1" "$output"
    return "$code"
}
export -f suite
# The longest suites first, so that both processors are busy to the end.
printf '%s\n' ai-service rag-service service-kit model-kit ticket-service api-gateway routing-service analytics-service \
    auth-service http-server init-db launcher tests/architecture |
    while read -r part; do if [ -d "$part/tests/unit" ]; then echo "$part/tests/unit"; else echo "$part"; fi; done |
    grep -E '/unit$|^tests/' | xargs -P 2 -I{} bash -c 'suite {}'
