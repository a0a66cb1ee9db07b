#!/usr/bin/env bash
# Prints what `scripts/test.sh` runs, a line each: every folder with tests, and `types`. Long ones come early, so that
# the processors are busy to the end; the faults come last, when there is most room for them.
set -euo pipefail
cd "$(dirname "$0")/.."
LONG="ai-service rag-service tests/e2e eventbus ticket-service workflow-service auth-service types"
LAST="tests/chaos"
for suite in $LONG; do echo "$suite"; done
find . -name 'test_*.py' -path '*/tests/*' -not -path './.*' |
    sed -E 's#^\./(tests/[^/]+)/.*#\1#; s#^\./([^/]+)/tests/.*#\1#; s#^\./(clients/[^/]+)/tests/.*#\1#' | sort -u |
    while read -r suite; do
        case " $LONG $LAST " in *" $suite "*) ;; *) echo "$suite" ;; esac
    done
echo "$LAST"
