#!/bin/sh
# Check types, strictly, and that no file was passed over.
#
# Checkers cannot see an editable mapping, so they get a link; each file then has one name alone.
set -eu
cd "$(dirname "$0")/../.."

mkdir -p build/types
ln -sfn ../.. build/types/duehook

folders=""
packages=""
for pair in core:duehook.core plugins:duehook.plugins tests:tests bench:bench demo:demo; do
    [ -f "${pair%%:*}/__init__.py" ] || continue
    folders="$folders ${pair%%:*}"
    packages="$packages -p ${pair##*:}"
done

# shellcheck disable=SC2086  # both are lists of words
{
    answer=$(.venv/bin/python -m mypy $packages) || { echo "$answer"; exit 1; }
    files=$(find $folders -name '*.py' | wc -l)
}
echo "$answer"
case $answer in
*" $files source file"*) ;;
*)
    echo "There are $files files: a folder without __init__.py is not checked" >&2
    exit 1
    ;;
esac
