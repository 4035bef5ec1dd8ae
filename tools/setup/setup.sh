#!/bin/sh
# Everything that Duehook needs on this machine; under a second when it is all there.
set -eu
cd "$(dirname "$0")/../.."
tools/setup/system.sh
tools/setup/python.sh
