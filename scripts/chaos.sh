#!/usr/bin/env bash
# The long fault run: the whole system on a PostgreSQL and a RabbitMQ of its own, under load, while its parts are killed,
# stopped and restarted; then the history is checked.  MINUTES=15 and SEED=… choose how long and repeat a run.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh dev
# exec: a signal to this script is one to the run.
export SMARTTICKET_TEST_RUN=${SMARTTICKET_TEST_RUN:-$PPID}
exec .venv/bin/python -m tests.chaos.run --minutes "${MINUTES:-15}" ${SEED:+--seed "$SEED"}
