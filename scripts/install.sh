#!/usr/bin/env bash
# Makes .venv and installs the system into it; `install.sh dev` adds what the tests need. Does nothing where all is there.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
extra=${1:-}
requirements=requirements${extra:+-$extra}.txt

if ! command -v "$python" >/dev/null; then
    echo "no $python here; install Python 3.11 or newer, or name one: PYTHON=/path/to/python3 make up" >&2
    exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "$("$python" --version) is too old; Smart Ticket needs Python 3.11 or newer (PYTHON=/path/to/python3 make up)" >&2
    exit 1
fi

stamp=.venv/installed-${extra:-run}
want=$(cat requirements*.txt constraints.txt ./*/pyproject.toml ./clients/*/pyproject.toml scripts/install.sh | cksum)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then
    exit 0
fi

if [ ! -x .venv/bin/python ]; then
    if ! "$python" -m venv .venv; then
        rm -rf .venv
        echo "could not make .venv; on Debian and Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
fi
echo "installing into .venv (once; about a minute) …"
if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$requirements"; then
    echo "the installation failed; the lines above say why. Run it again when that is mended." >&2
    exit 1
fi
echo "$want" > "$stamp"
