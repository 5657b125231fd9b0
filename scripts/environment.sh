# Sourced by scripts/test and scripts/demo from the repository's root.
#
# `prepare [EXTRA]` leaves `python` pointing into a virtual environment (the active one,
# or .venv here) in which this checkout is installed with the given extra. It installs
# again only after pyproject.toml has changed, so that a second run needs no network.
#
# `say_next COMMAND` prints what to type to run COMMAND in that environment.

began_in=$OLDPWD
activated=

fail() {
    echo "$1" >&2
    exit 1
}

is_recent() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python python3.13 python3.12 python3.11; do
        if is_recent "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    fail "physfit needs Python 3.11 or later and found none; install one, or name it: PYTHON=/path/to/python3.12 bash $0"
}

activate() {
    # conda's base is active everywhere and belongs to nobody: not a place to install.
    if [ -n "${VIRTUAL_ENV:-}" ] ||
        [ "${CONDA_DEFAULT_ENV:-base}" != base ]; then
        is_recent python ||
            fail "the active environment's python is older than 3.11; deactivate it, or activate another"
        return
    fi
    if [ ! -e .venv/bin/activate ]; then
        local python
        python=$(find_python)
        echo "making .venv with $("$python" --version)" >&2
        if ! "$python" -m venv .venv; then
            rm -rf .venv
            fail "$python could not make a virtual environment; install its venv module (Debian, Ubuntu: apt install python3-venv)"
        fi
    fi
    . .venv/bin/activate
    activated=.venv/bin/activate
}

say_next() {
    echo
    echo "To go on:"
    [ "$began_in" = "$PWD" ] || echo "    cd $PWD"
    [ -z "$activated" ] || echo "    source $activated"
    echo "    $1"
}

prepare() {
    local extra=${1:-} prefix state
    activate
    prefix=$(python -c 'import sys; print(sys.prefix)')
    state="$PWD $(cksum <pyproject.toml)"
    # Without an extra any installation of this state will do.
    if cat "$prefix"/.physfit-"${extra:-}"* 2>/dev/null | grep -qxF -- "$state"; then
        return
    fi
    python -m pip --version >/dev/null 2>&1 || python -m ensurepip >/dev/null
    echo "installing physfit${extra:+[$extra]} into $prefix" >&2
    python -m pip install --quiet --disable-pip-version-check --editable ".${extra:+[$extra]}"
    echo "$state" >"$prefix/.physfit-${extra:-plain}"
}
