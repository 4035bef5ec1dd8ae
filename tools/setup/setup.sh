#!/bin/sh
# Everything that Duehook needs on this machine; under a second when it is all there.
set -eu
here=$(dirname "$0")
PYTHON=$("$here/find_python.sh")
export PYTHON
"$here/system.sh"
"$here/python.sh"
