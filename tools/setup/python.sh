#!/bin/sh
# Make .venv with the locked packages and Duehook itself, editable; nothing when neither changed.
set -eu
cd "$(dirname "$0")/../.."

stamp=.venv/duehook.stamp
lock_now="$PWD $("$PYTHON" -c 'import sys; print(sys.version)' | tr '\n' ' ') $(cksum <requirements/dev.lock)"
project_now=$(cat setup.cfg pyproject.toml | cksum)
lock_then=""
project_then=""
if [ -x .venv/bin/python ] && [ -f "$stamp" ]; then
    lock_then=$(sed -n 1p "$stamp")
    project_then=$(sed -n 2p "$stamp")
fi
[ "$lock_now" = "$lock_then" ] && [ "$project_now" = "$project_then" ] && exit 0

if [ "$lock_now" != "$lock_then" ]; then
    echo "Installing the locked Python packages into .venv (once, about a minute)"
    "$PYTHON" -m venv --clear .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
        --only-binary :all: -r requirements/dev.lock
fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
    --editable .
printf '%s\n%s\n' "$lock_now" "$project_now" >"$stamp"
