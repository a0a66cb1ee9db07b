#!/usr/bin/env bash
# Every check and test. PostgreSQL and RabbitMQ are used where they answer, started where they are installed, and
# otherwise PostgreSQL comes from the wheel and RabbitMQ is installed.  `scripts/test.sh PATH…` runs these tests alone.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh dev
unset PYTHONDONTWRITEBYTECODE  # Otherwise each suite, and each process that it starts, compiles every source again.
export SMARTTICKET_TEST_RUN=$$  # Suites look whether this script still runs, and end with it however it ends.

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
wait_for() { for _ in $(seq 240); do answers "$1" && return 0; sleep 0.25; done; return 1; }

# The system of the end-to-end tests holds 45 connections, each of the two suites beside it as many again.
can_use_postgres() {
    .venv/bin/python - "$1" 2>/dev/null <<'END'
import sys, psycopg2
connection = psycopg2.connect(sys.argv[1], connect_timeout=10)
cursor = connection.cursor()
cursor.execute("show max_connections")
sys.exit(int(cursor.fetchone()[0]) < 200)
END
}
if [ -z "${TEST_DATABASE_ADMIN_URL:-}" ]; then
    TEST_DATABASE_ADMIN_URL=postgresql://postgres@127.0.0.1:5432/postgres
    if ! can_use_postgres "$TEST_DATABASE_ADMIN_URL"; then
        echo "no PostgreSQL on 127.0.0.1:5432 that lets user postgres in and takes 200 connections; starting one from the wheel"
        folder=$(mktemp -d /tmp/st-test-XXXXXX)
        chmod 755 "$folder"
        trap '.venv/bin/python -m launcher.temporary_postgres stop "$folder"; rm -rf "$folder"' EXIT
        TEST_DATABASE_ADMIN_URL=$(.venv/bin/python -m launcher.temporary_postgres start "$folder")
        .venv/bin/python -m tests.reaper --watch $$ postgres "$folder/postgresql/data" folder "$folder" &
    fi
fi
export TEST_DATABASE_ADMIN_URL

if [ -z "${TEST_RABBITMQ_URL:-}" ]; then
    if ! answers 5672; then
        if ! command -v rabbitmq-server >/dev/null && [ ! -x /usr/sbin/rabbitmq-server ]; then
            if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
                echo "RabbitMQ is needed: install it, or set TEST_RABBITMQ_URL=amqp://user:password@host:5672/" >&2
                exit 1
            fi
            echo "installing RabbitMQ"
            apt-get update -qq
            DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends rabbitmq-server >/dev/null
        fi
        if ! answers 5672; then
            ulimit -n 20000 2>/dev/null || true  # each queue takes three
            PATH=$PATH:/usr/sbin setsid rabbitmq-server >/dev/null 2>&1 &
            .venv/bin/python -m tests.reaper --watch $$ group "$!" &
        fi
        wait_for 5672 || { echo "RabbitMQ did not start within a minute" >&2; exit 1; }
    fi
    TEST_RABBITMQ_URL=amqp://guest:guest@127.0.0.1:5672/
fi
export TEST_RABBITMQ_URL CI=${CI:-true}

run_tests() { .venv/bin/pytest -q --durations=5 "$@"; }
if [ $# -gt 0 ]; then
    run_tests "$@"
    exit
fi

.venv/bin/ruff check .
.venv/bin/ruff format --check .
# Three at a time, for most tests wait for a database or a broker rather than work. Long ones come early, so that the
# processors are busy to the end; the faults come last, when there is most room for them.
OUTPUTS=$(mktemp -d)
export OUTPUTS
suite() {
    local output began=$SECONDS code=0
    output=$(mktemp "$OUTPUTS/XXXXXX")
    echo "-- $1 begins"
    if [ "$1" = types ]; then scripts/types.sh; else run_tests "$1"; fi >"$output" 2>&1 || code=$?
    printf '\n== %s: %s s, exit %s\n' "$1" "$((SECONDS - began))" "$code" >>"$output"
    cat "$output"
    return "$code"
}
export -f suite run_tests
set -m  # In a process group of its own it can be ended with all that it started.
scripts/suites.sh | xargs -P 3 -I{} bash -c 'suite {}' &
suites=$!
set +m
trap 'kill -- "-$suites"; rm -rf "$OUTPUTS"; exit 130' INT TERM
failed=0
wait "$suites" || failed=1
grep -rhE '^(FAILED|ERROR) ' "$OUTPUTS" || true
rm -rf "$OUTPUTS"
exit "$failed"
