#!/bin/sh
# Install the Debian packages that are missing; say which and stop where that is not allowed.
#
# Quick and silent when nothing is missing. Needs root or a sudo that asks nothing.
set -eu
cd "$(dirname "$0")/../.."

registered() {
    grep -qsF "[$1]" /etc/odbcinst.ini
}

has_library() {
    for folder in /lib /usr/lib /usr/local/lib /lib/*-linux-gnu /usr/lib/*-linux-gnu; do
        [ -e "$folder/$1" ] && return 0
    done
    return 1
}

# Only Debian's own Python comes without ensurepip.
can_make_venv() {
    python=$(tools/setup/find_python.sh) && "$python" -c 'import ensurepip, venv' 2>/dev/null
}

has_postgresql() {
    for initdb in /usr/lib/postgresql/*/bin/initdb; do
        [ -x "$initdb" ] && return 0
    done
    return 1
}

# What is missing, as Debian's package names.
missing() {
    [ -f .venv/duehook.stamp ] || can_make_venv || echo python3-venv
    has_library libodbc.so.2 || echo unixodbc
    registered SQLite3 || echo libsqliteodbc
    registered "PostgreSQL Unicode" || echo odbc-postgresql
    has_postgresql || echo postgresql
}

# A driver that was installed while another odbcinst.ini was in place is there but not registered.
register() {
    registered SQLite3 ||
        $as_root odbcinst -i -d -f /usr/share/libsqliteodbc/odbcinst.ini >/dev/null 2>&1 || true
    registered "PostgreSQL Unicode" ||
        $as_root odbcinst -i -d -f /usr/share/psqlodbc/odbcinst.ini.template >/dev/null 2>&1 || true
}

refuse() {
    echo "Duehook needs these Debian packages: $wanted" >&2
    echo "$1, so install them yourself and try again:" >&2
    echo "    apt-get install -y --no-install-recommends $wanted" >&2
    exit 1
}

[ -f .venv/duehook.stamp ] || tools/setup/find_python.sh >/dev/null

wanted=$(missing | tr '\n' ' ' | sed 's/ $//')
[ -n "$wanted" ] || exit 0

command -v apt-get >/dev/null || refuse "This machine has no apt-get"
if [ "$(id -u)" = 0 ]; then
    as_root="env DEBIAN_FRONTEND=noninteractive"
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root="sudo -n env DEBIAN_FRONTEND=noninteractive"
else
    refuse "You are not root here and no sudo works without a password"
fi

echo "Installing Debian packages: $wanted"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086  # both are lists of words
if ! { $as_root apt-get update && $as_root apt-get install -y --no-install-recommends $wanted; } \
    >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    refuse "apt-get could not install them (its last words are above)"
fi
register
wanted=$(missing | tr '\n' ' ' | sed 's/ $//')
[ -z "$wanted" ] || refuse "They are installed but not found where Debian puts them"
