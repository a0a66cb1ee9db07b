#!/usr/bin/env bash
# Ruff, the architecture tests and the unit tests of all parts, two suites at a time: about a minute on two processors.
# Needs no broker. Tests that train models for seconds are left to scripts/test.sh.  `DURATIONS=10 …` lists the slowest.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh dev
unset PYTHONDONTWRITEBYTECODE  # Otherwise each suite, and each process that it starts, compiles every source again.
.venv/bin/ruff check .
.venv/bin/ruff format --check .
# Names of modules and tests: fine-tuning, and cross-validated trainings of the classifier.
export SLOW="tuning or noisy_labels or near_duplicates or evaluation_job or job_teams"
suite() {
    local output code=0
    output=$(.venv/bin/pytest -q -m "not slow" -k "not ($SLOW)" ${DURATIONS:+--durations="$DURATIONS"} $1 2>&1) || code=$?
    printf '== %s\n%s\n' "$1" "$output"
    return "$code"
}
export -f suite
# The longest suites first, so that both processors are busy to the end; small ones share a process.
LONG=(ai-service/tests/unit rag-service/tests/unit service-kit/tests/unit eventbus/tests/unit tests/architecture model-kit/tests/unit)
small=()
for folder in */tests/unit clients/*/tests/unit; do
    case " ${LONG[*]} " in *" $folder "*) ;; *) small+=("$folder") ;; esac
done
half=$((${#small[@]} / 2))
printf '%s\n' "${LONG[@]}" "${small[*]:0:half}" "${small[*]:half} init-db/tests/test_settings.py" |
    xargs -P 2 -d '\n' -I{} bash -c 'suite "{}"'
