#!/usr/bin/env bash
# Copyright (c) 2026 the pyfleet.services maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# setup.sh [VENV [PYTHON_VERSION...]]
#
# Makes a virtualenv (.build/venv) from tests/requirements.txt on the
# newest Python of these versions that works, and lets Ansible find this
# checkout as an installed collection. Run again, it does nothing until
# one of the two changes.

set -euo pipefail
cd "$(dirname "$0")/.."

readonly venv=${1:-.build/venv}
read -ra versions <<<"${*:2}"
[ "${#versions[@]}" -gt 0 ] || versions=(3.14 3.13 3.12 3.11)
readonly versions
readonly requirements=tests/requirements.txt
readonly certificates=/etc/ssl/certs/ca-certificates.crt

say() {
    echo "setup: $*" >&2
}

install_package() {
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        say "$1 is not installed, and only root on Debian can do it here"
        exit 1
    fi
    say "install $1"
    export DEBIAN_FRONTEND=noninteractive
    mkdir -p .build
    if ! { apt-get -q update &&
        apt-get -q install -y --no-install-recommends "$1"; } \
        >.build/apt.log 2>&1; then
        tail -n 3 .build/apt.log >&2
        exit 1
    fi
}

# Prints the Pythons of one version. That a name is on PATH proves
# nothing: a pyenv shim may refuse to run.
candidates() {
    type -ap "python$1" python3 || :
    compgen -G "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1.*/bin/python$1" || :
}

# Prints the newest Python that runs and can make a virtualenv: itself,
# not a shim that leads to it, nor the virtualenv it is replaced in.
find_python() {
    local version python
    for version in "${versions[@]}"; do
        while read -r python; do
            if "$python" -c "
import ensurepip, ssl, sys, venv
assert '%d.%d' % sys.version_info[:2] == '$version'
print(sys._base_executable)" 2>/dev/null; then
                return
            fi
        done < <(candidates "$version")
    done
    return 1
}

make_venv() {
    local python=$1
    rm -rf "$venv"
    "$python" -m venv "$venv"
    # A proxy's certificate is known to the system, not to every pip.
    if [ -z "${PIP_CERT:-}" ] && [ -r "$certificates" ] &&
        ! "$venv/bin/pip" config get global.cert >/dev/null 2>&1; then
        export PIP_CERT=$certificates
    fi
    "$venv/bin/pip" install --quiet --quiet --disable-pip-version-check \
        --requirement "$requirements"
}

# Ansible looks for ansible_collections/NAMESPACE/NAME.
link_collection() {
    local parent=.build/collections/ansible_collections/pyfleet
    mkdir -p "$parent"
    ln -sfn ../../../.. "$parent/services"
}

main() {
    local python wanted
    link_collection
    if ! python=$(find_python); then
        install_package python3-venv
        if ! python=$(find_python); then
            say "no Python ${versions[*]} works here: install one"
            exit 1
        fi
    fi
    wanted="$("$python" -VV) $python $(sha256sum "$requirements")"
    if [ "$(cat "$venv/stamp" 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    say "virtualenv with $("$python" -V) in $venv (about a minute)"
    make_venv "$python"
    echo "$wanted" >"$venv/stamp"
    say "done in $SECONDS s"
}

main
