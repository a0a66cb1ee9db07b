#!/usr/bin/env bash
# mypy --strict on the shared libraries, the launcher, ai-service and rag-service, and on the decisions of the others.
set -euo pipefail
cd "$(dirname "$0")/.."
# One call for all, because each call would read the libraries anew.
packages=(service_kit eventbus company_kit operations_kit external_kit model_kit outbound_kit projection_kit http_server)
packages+=(launcher smartticket_client ai_service)
packages+=(rag_service)
for folder in *-service/src/*_service/domain; do
    package=${folder#*/src/}
    case $package in ai_service/* | rag_service/*) ;; *) packages+=("${package//\//.}") ;; esac
done
.venv/bin/mypy "${packages[@]/#/--package=}"
