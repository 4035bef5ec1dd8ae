#!/bin/sh
# Make .venv with the locked packages and Duehook itself, editable; nothing when neither changed.
set -eu

stamp=.venv/duehook.stamp
lock_now="$PWD $(cksum <requirements/dev.lock)"
project_now=$(cat setup.cfg pyproject.toml | cksum)
lock_then=""
project_then=""
if [ -f "$stamp" ] && .venv/bin/python -c "" 2>/dev/null; then
    lock_then=$(sed -n 1p "$stamp")
    project_then=$(sed -n 2p "$stamp")
fi
if [ -n "${PYTHON:-}" ] && [ -n "$lock_then" ]; then
    [ "$("$PYTHON" --version)" = "$(.venv/bin/python --version)" ] || lock_then=""
fi
[ "$lock_now" = "$lock_then" ] && [ "$project_now" = "$project_then" ] && exit 0

if [ -L .venv ]; then
    echo ".venv is a link to $(readlink .venv). Remove it (rm .venv): what is behind a link is not Duehook's to clear" >&2
    exit 1
fi

pip="env PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/python -m pip install -qq --no-deps"
if [ "$lock_now" != "$lock_then" ]; then
    echo "Installing the locked Python packages into .venv (once, about a minute)"
    python=$(tools/setup/find_python.sh)
    "$python" -m venv --clear .venv
    $pip --require-hashes --only-binary :all: --no-compile -r requirements/dev.lock
fi
echo "$lock_now" >"$stamp"
$pip --no-build-isolation --editable .
echo "$project_now" >>"$stamp"
