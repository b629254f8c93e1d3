#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
# Makes or refreshes a virtual environment: tools/venv.sh PYTHON VENV REQUIREMENTS
#
# One of another Python than PYTHON is made anew. The requirements are installed again only when
# their files have changed.
set -euo pipefail

python=$1 venv=$2 requirements=$3
who='import sys; print(sys.version, sys.base_prefix)'

if ! [ -x "$venv/bin/python" ] || [ "$("$venv/bin/python" -c "$who" 2>&1)" != "$("$python" -c "$who")" ]; then
    echo "venv: making $venv with $("$python" -V 2>&1)"
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi

wanted=$(cat tools/requirements-*.txt | cksum)
stamp="$venv/.requirements"
if [ "$(cat "$stamp" 2>/dev/null)" != "$requirements $wanted" ]; then
    echo "venv: installing $requirements into $venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade pip
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements"
    echo "$requirements $wanted" >"$stamp"
fi
