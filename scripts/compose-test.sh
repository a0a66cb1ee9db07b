#!/usr/bin/env bash
# Builds and starts the system in containers with ai-service three times, sends 300 tickets, sees all of them routed and
# the work spread over the three, and tears everything down.
#   IMAGES_SCRIPT=PATH   a script that makes the base images and leaves a daemon running, where no registry is reachable:
#                        it is called with a folder and leaves docker.sock and cfg/ there
#   KEEP=1               leaves the containers running at the end
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh dev

say() { echo "compose-test: $*"; }
if [ -n "${IMAGES_SCRIPT:-}" ]; then
    folder=${IMAGES_FOLDER:-/tmp/smartticket-images}
    say "making the base images with $IMAGES_SCRIPT"
    bash "$IMAGES_SCRIPT" "$folder"
    export DOCKER_HOST=unix://$folder/docker.sock DOCKER_CONFIG=$folder/cfg
fi
if ! docker version >/dev/null 2>&1; then
    say "FAILED: no docker daemon answers; start one, or name a script that starts one: IMAGES_SCRIPT=…" >&2
    exit 1
fi
if ! docker compose version >/dev/null 2>&1; then
    say "FAILED: docker has no compose plugin (version 2)" >&2
    exit 1
fi

# Ports and a project of its own, so that a system of the same machine is not touched; the containers' names likewise.
export COMPOSE_PROJECT_NAME=smartticket-test SMARTTICKET_ENV=development
ports=$(.venv/bin/python -c '
import os
from smartticket_contracts.services import registry
ports = {each.port_setting: each.port + 10_000 for each in registry().values()}
print(*(f"{name}={os.environ.get(name) or port}" for name, port in ports.items()))')
# shellcheck disable=SC2086  # one word per setting
export $ports
# No model can be fetched everywhere: documents don't wait for one.
export EMBEDDINGS_WAIT_SECONDS=2
export POSTGRES_PUBLISHED_PORT=15432 RABBITMQ_PUBLISHED_PORT=15673 RABBITMQ_PAGE_PORT=15674
files=(-f docker-compose.yml -f tests/compose/override.yml)

finish() {
    code=$?
    if [ "$code" != 0 ]; then docker compose "${files[@]}" ps -a || true; docker compose "${files[@]}" logs --tail 20 || true; fi
    if [ -z "${KEEP:-}" ]; then
        start=$SECONDS
        docker compose "${files[@]}" down --volumes --remove-orphans >/dev/null 2>&1 || true
        say "torn down in $((SECONDS - start)) s"
    fi
    exit "$code"
}
trap finish EXIT

start=$SECONDS
docker compose "${files[@]}" build
say "images built in $((SECONDS - start)) s"
start=$SECONDS
docker compose "${files[@]}" up -d --scale ai-service=3 --wait
say "up and healthy in $((SECONDS - start)) s"
.venv/bin/python tests/compose/check.py "http://127.0.0.1:$GATEWAY_PORT"
docker compose "${files[@]}" exec -T postgres psql -q -U postgres -d smartticket -c "select count(*) from tickets" >/dev/null
say "the superuser finds the tables without naming a schema"
start=$SECONDS
docker compose "${files[@]}" down >/dev/null 2>&1
docker compose "${files[@]}" up -d --scale ai-service=3 --wait
.venv/bin/python tests/compose/check.py "http://127.0.0.1:$GATEWAY_PORT" --kept 300
say "down and up again in $((SECONDS - start)) s, with the data kept"
say "passed"
