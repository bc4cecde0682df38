#!/bin/sh
# Make a virtual environment with the best Python there is: sh requirements/venv.sh .venv
# 3.12 and 3.11 come first, since only for them the embedded Redis server comes as a wheel.
set -eu
venv=${1:-.venv}

for python in python3.12 python3.11 python3.13 python3.14 python3; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            missing="$python has no venv module: on Debian and Ubuntu, apt install ${python}-venv"
            continue
        fi
        echo "Making $venv with $("$python" --version)"
        exec "$python" -m venv --clear "$venv"
    fi
done
echo "${missing:-o2o needs Python 3.11 or later, and none is on PATH.}" >&2
exit 1
