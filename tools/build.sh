#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
# Builds Pyrometer and installs it into a virtual environment: tools/build.sh PYTHON VENV
#
# Afterwards VENV/bin/pyrometer runs and VENV/bin/python imports pyrometer. When no source has changed
# since the last time it does nothing; otherwise only what changed is compiled, in build/VENV's-name.
set -euo pipefail

python=$1 venv=$2
cd "$(dirname "$0")/.."
tools/setup.sh build "$python"
tools/venv.sh "$python" "$venv" tools/requirements-test.txt
venv=$(cd "$venv" && pwd)

sources=$(find src python third_party meson.build meson.options pyproject.toml LICENSE tools/build.sh \
    -type f ! -name '*.pyc' -printf '%p %s %T@\n' | LC_ALL=C sort | cksum)
stamp="$venv/.installed"
if [ "$(cat "$stamp" 2>/dev/null)" = "$sources" ]; then
    exit 0
fi

# Two environments of the same name must not share a folder of object files.
work="build/$(basename "$venv")"
case $venv in
"$PWD"/*) ;;
*) work="$work-$(printf '%s' "$venv" | cksum | cut -d ' ' -f 1)" ;;
esac
if [ -e "$work" ] && [ "$venv/pyvenv.cfg" -nt "$work/.python" ]; then
    rm -rf "$work"
fi
mkdir -p "$work"
touch "$work/.python"

echo "build: compiling and installing into $venv"
# Without isolation the compiled objects of the last time are used again. The environment's own meson
# and ninja must come first on the path.
PATH="$venv/bin:$PATH" "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --no-build-isolation --no-deps --force-reinstall -Cbuild-dir="$work" .
echo "$sources" >"$stamp"
