#!/bin/sh
# Compile requirements/*.lock: every version and hash, valid for each Python we support.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
.venv/bin/python - >"$work/product.in" <<'PY'
from configparser import ConfigParser

setup = ConfigParser()
setup.read("setup.cfg")
extras = [lines for name, lines in setup["options.extras_require"].items() if name != "testing"]  # pytest is in dev.in
print(setup["options"]["install_requires"], *extras, sep="\n")
PY
if [ ! -x build/lock/bin/uv ]; then
    .venv/bin/python -m venv build/lock
    build/lock/bin/pip install --quiet uv
fi
compile() {
    build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --custom-compile-command "make lock" --no-annotate "$@"
}
compile "$work/product.in" --output-file requirements/duehook.lock
compile "$work/product.in" requirements/dev.in --constraint requirements/duehook.lock \
    --output-file requirements/dev.lock
