#!/usr/bin/env bash
# Measure: every benchmark, or the ones named. Needs PostgreSQL (with pgbench) and RabbitMQ, as the tests do, and a
# machine that does nothing else.  `scripts/bench.sh [create pipeline drain reading outage memory triage]`
# `triage` also needs BENCH_DATA, a folder with it_topic_groups and banking77; without it it is skipped. So does
# `ingestion`, `retrieval` and `answers`, with anthropic_docs, mtrag_cloud_3k and clapnq_dev_answers, and the real files
# of `real_documents`, which writes others itself and asks about them; it needs neither PostgreSQL nor RabbitMQ.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh dev
export SMARTTICKET_TEST_RUN=${SMARTTICKET_TEST_RUN:-$PPID}
exec .venv/bin/python -m benchmarks "$@"
