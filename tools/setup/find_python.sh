#!/bin/sh
# Print the Python to use: the first that is new enough.
for name in ${PYTHON:-} python3 /usr/bin/python3 python3.13 python3.12 python3.11; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        command -v "$name"
        exit 0
    fi
done
echo "Duehook needs Python 3.11 or newer: install it, or name it with PYTHON=/path/to/python3" >&2
exit 1
