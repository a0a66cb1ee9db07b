#!/usr/bin/env bash
# The long fuzz run: the whole system behind a gateway that asks for tokens, and requests made out of its OpenAPI
# document by each role. CASES=2000 is how many a role, about; SEED=… repeats a run; ROLES="admin requester" chooses.
# Needs PostgreSQL and RabbitMQ, as the tests do.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh dev
export SMARTTICKET_TEST_RUN=${SMARTTICKET_TEST_RUN:-$PPID}
exec .venv/bin/python -m tests.fuzz.run --cases "${CASES:-2000}" ${SEED:+--seed "$SEED"} ${ROLES:+--roles $ROLES}
