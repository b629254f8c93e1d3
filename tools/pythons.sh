#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Pyrometer authors
# SPDX-License-Identifier: Apache-2.0
# Brings CPython 3.14 and 3.15 into .pythons: .pythons/bin/python3.14 and .pythons/bin/python3.15.
#
# They are Debian sid's, fetched by debootstrap and unpacked into .pythons/sid with everything they
# load, the C library included, and run directly on this machine: their executables are pointed at that
# folder's own dynamic loader and libraries. Nothing outside .pythons changes.
# With FREE_THREADED=1 a free-threaded .pythons/bin/python3.14t is built from Debian's source package.
# DEBIAN_MIRROR=URL chooses the mirror; otherwise it is the one that apt uses here, or debootstrap's own.
set -euo pipefail

cd "$(dirname "$0")/.."
# Executables are pointed at absolute paths, so a copy of the tree elsewhere has to be made anew.
root="$PWD/.pythons"
sid="$root/sid"
versions=(3.14 3.15)
free_threaded=3.14
triplet="$(uname -m)-linux-gnu"

say() { echo "pythons: $*"; }

works() { # works EXECUTABLE: it runs, from here, with the modules that need other libraries
    "$1" -c 'import bz2, ctypes, lzma, sqlite3, ssl, subprocess, sys, zlib
subprocess.run([sys.executable, "-c", ""], check=True)' >/dev/null 2>&1
}

debian_mirror() { # the first Debian archive among apt's sources, in either of its two notations
    if [ -n "${DEBIAN_MIRROR:-}" ]; then
        echo "$DEBIAN_MIRROR"
        return
    fi
    { cat /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null || true; } | sed -n -e 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\/debian\)\/\{0,1\} .*/\2/p' \
        -e 's/^URIs:.*[[:space:]]\([^[:space:]]*\/debian\)\/\{0,1\}\([[:space:]].*\)\{0,1\}$/\1/p' | head -n 1
}

fetch() { # downloads the packages of every version and all that they depend on
    local include=ca-certificates version
    for version in "${versions[@]}"; do
        include+=",python$version,python$version-dev,python$version-venv,libpython$version-testsuite"
    done
    local mirror
    mirror=$(debian_mirror)
    say "downloading ${versions[*]} from Debian sid (about 150 MB)"
    rm -rf "$root/download"
    # shellcheck disable=SC2086 # no mirror: no argument, and debootstrap takes its own
    debootstrap --variant=minbase --download-only \
        --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
        --include="$include" sid "$root/download" $mirror >"$root/debootstrap.log" 2>&1 || {
        tail -n 5 "$root/debootstrap.log" >&2
        say "debootstrap failed; its words are in .pythons/debootstrap.log" >&2
        exit 1
    }
}

unpack() {
    say "unpacking into .pythons/sid"
    rm -rf "$sid"
    mkdir -p "$sid"
    local package
    for package in "$root"/download/var/cache/apt/archives/*.deb; do
        case $(basename "$package") in
        apt_* | base-files_* | bash_* | coreutils_* | dpkg_* | perl* | util-linux_*) ;;
        *) dpkg-deb -x "$package" "$sid" ;;
        esac
    done
    rm -rf "$root/download"
}

install_version() { # makes .pythons a prefix in which pythonX.Y finds itself
    local version=$1
    mkdir -p "$root/bin" "$root/lib" "$root/include"
    ln -sfn "../sid/usr/lib/python$version" "$root/lib/python$version"
    ln -sfn "../sid/usr/include/python$version" "$root/include/python$version"
    # Debian's pyconfig.h includes <TRIPLET/pythonX.Y/pyconfig.h>, looked for in /usr/include.
    mkdir -p "$sid/usr/include/python$version/$triplet"
    ln -sfn "../../$triplet/python$version" "$sid/usr/include/python$version/$triplet/python$version"
    # Recorded when Debian built it, and meant for a /usr that is here .pythons/sid/usr.
    find "$sid/usr/lib/python$version" -maxdepth 1 -name '_sysconfig*' -type f -exec \
        sed -i "s#/usr/\(share/python-wheels\|include\)#$sid/usr/\1#g" {} +
    rm -f "$sid/usr/lib/python$version/EXTERNALLY-MANAGED"
    local loader
    loader=$(find "$sid/usr/lib/$triplet" -name 'ld-linux-*.so.*' | head -n 1)
    cp "$sid/usr/bin/python$version" "$root/bin/python$version.new"
    patchelf --set-interpreter "$loader" --force-rpath --set-rpath "$sid/usr/lib/$triplet" \
        "$root/bin/python$version.new"
    mv "$root/bin/python$version.new" "$root/bin/python$version"
    if ! works "$root/bin/python$version"; then
        say "python$version does not run here" >&2
        exit 1
    fi
}

fetch_source() { # leaves the upstream source of CPython in $root/source
    local state="$root/apt" mirror
    mirror=$(debian_mirror)
    if [ -z "$mirror" ]; then
        say "no Debian mirror among apt's sources: name one with DEBIAN_MIRROR=URL" >&2
        exit 1
    fi
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$root/source"
    echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" \
        >"$state/sources.list"
    local apt=(apt-get -qq -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=-
        -o Dir::State::lists="$state/lists" -o Dir::Cache="$state/cache" -o APT::Sandbox::User=root)
    if ! { "${apt[@]}" update &&
        (cd "$root/source" && "${apt[@]}" source --download-only "python$free_threaded"); }; then
        rm -rf "$state" "$root/source"
        say "the mirror does not serve the source of python$free_threaded (its answer is above):" \
            "name another with DEBIAN_MIRROR=URL" >&2
        exit 1
    fi
    tar -xf "$root"/source/*.orig.tar.* -C "$root/source" --strip-components=1
    rm -rf "$state"
}

build_free_threaded() {
    local prefix="$root/free-threaded" executable="$root/bin/python${free_threaded}t"
    if works "$executable"; then
        say "python${free_threaded}t is here already"
        return
    fi
    tools/setup.sh freethreaded
    rm -rf "$root/source" "$prefix"
    fetch_source
    say "building python${free_threaded}t (several minutes; its words go to .pythons/build.log)"
    (cd "$root/source" && ./configure --quiet --disable-gil --prefix="$prefix" &&
        make -s -j"$(nproc)" && make -s install) >"$root/build.log" 2>&1 || {
        tail -n 5 "$root/build.log" >&2
        say "the build failed; its words are in .pythons/build.log" >&2
        exit 1
    }
    rm -rf "$root/source"
    mkdir -p "$root/bin"
    ln -sfn "../free-threaded/bin/python${free_threaded}t" "$executable"
    works "$executable" || {
        say "python${free_threaded}t does not run here" >&2
        exit 1
    }
    say "python${free_threaded}t: $("$executable" -VV)"
}

all_work=true
for version in "${versions[@]}"; do
    works "$root/bin/python$version" || all_work=false
done
if $all_work; then
    say "${versions[*]} are here already"
else
    if [ "$(id -u)" -ne 0 ]; then
        say "debootstrap needs root: run this as root, or as: sudo make pythons" >&2
        exit 1
    fi
    mkdir -p "$root"
    fetch
    unpack
    for version in "${versions[@]}"; do
        install_version "$version"
        say "python$version: $("$root/bin/python$version" -VV)"
    done
fi
if [ "${FREE_THREADED:-}" = 1 ]; then
    build_free_threaded
fi
