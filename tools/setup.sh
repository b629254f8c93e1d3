#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
# Makes sure that the system packages for a piece of work are there: tools/setup.sh WORK [PYTHON]
#
# WORK is build, test, lint, fuzz, pythons or freethreaded. What is found is not touched, so a second
# run costs nothing. What is missing comes through apt, as root or with a sudo that asks no password;
# otherwise the command to type is printed, and the work stops only when it cannot do without.
set -euo pipefail

work=${1:?usage: tools/setup.sh build|test|lint|fuzz|pythons|freethreaded [PYTHON]}
python=${2:-python3}
needed=()
useful=()

# need|wish PACKAGE TEST…: asks for PACKAGE unless the command TEST succeeds.
need() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || needed+=("$package")
}

wish() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || useful+=("$package")
}

has() { command -v "$1"; }

has_package() { dpkg-query -W -f '${Status}' "$1" | grep -q '^install ok installed'; }

compiles() { printf '#include <%s>\nint main(void){return 0;}\n' "$1" | cc -x c -fsyntax-only -; }

has_cmocka() { pkg-config --exists cmocka; }

python_has_headers() {
    "$python" -c 'import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'
}

need_python() {
    if ! has "$python" >/dev/null; then
        echo "setup: there is no '$python' here: choose one with PYTHON=/path/to/python3" >&2
        exit 1
    fi
    if ! "$python" -c 'import sys; sys.exit(not (3, 9) <= sys.version_info[:2] <= (3, 15))'; then
        echo "setup: Pyrometer needs CPython 3.9 to 3.15, and '$python' is $("$python" -V 2>&1):" \
            "choose another with PYTHON=/path/to/python3" >&2
        exit 1
    fi
    local version
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    need "python$version-venv" "$python" -c 'import venv, ensurepip'
    need "python$version-dev" python_has_headers
}

need gcc has cc
need libc6-dev compiles stdio.h
case $work in
build)
    need_python
    wish ccache has ccache
    wish pkg-config has pkg-config
    wish libdw-dev compiles elfutils/libdwfl.h
    wish libncurses-dev compiles curses.h
    ;;
test)
    need_python
    need pkg-config has pkg-config
    need libcmocka-dev has_cmocka
    wish ccache has ccache
    wish libdw-dev compiles elfutils/libdwfl.h
    wish libncurses-dev compiles curses.h
    wish tmux has tmux
    wish valgrind has callgrind_annotate
    ;;
lint)
    need_python
    need clang-format-14 has clang-format-14
    need clang-tidy-14 has clang-tidy-14
    need cppcheck has cppcheck
    need shellcheck has shellcheck
    wish libdw-dev compiles elfutils/libdwfl.h
    wish libncurses-dev compiles curses.h
    ;;
fuzz)
    need_python
    need clang-14 has clang-14
    ;;
pythons)
    need_python
    need debootstrap has debootstrap
    need debian-archive-keyring test -e /usr/share/keyrings/debian-archive-keyring.gpg
    need patchelf has patchelf
    need xz-utils has xz
    ;;
freethreaded)
    for package in make xz-utils libssl-dev libffi-dev zlib1g-dev libbz2-dev liblzma-dev \
        libsqlite3-dev libreadline-dev; do
        need "$package" has_package "$package"
    done
    ;;
*)
    echo "setup: no such work: $work" >&2
    exit 2
    ;;
esac

missing=("${needed[@]}" "${useful[@]}")
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

as_root=()
can_install=false
if has apt-get >/dev/null; then
    if [ "$(id -u)" -eq 0 ]; then
        can_install=true
    elif has sudo >/dev/null && sudo -n true 2>/dev/null; then
        can_install=true
        as_root=(sudo -n)
    fi
fi
if $can_install; then
    echo "setup: installing ${missing[*]} with apt-get (needed to $work)"
    log=$(mktemp)
    if ! { "${as_root[@]}" apt-get update &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        echo "setup: apt-get could not install ${missing[*]} (its words are above)" >&2
        rm -f "$log"
        [ ${#needed[@]} -eq 0 ] || exit 1
    fi
    rm -f "$log"
    exit 0
fi
echo "setup: missing: ${missing[*]}. Install them with:" >&2
echo "    sudo apt-get install -y ${missing[*]}" >&2
if [ ${#needed[@]} -gt 0 ]; then
    echo "setup: cannot $work without ${needed[*]}" >&2
    exit 1
fi
