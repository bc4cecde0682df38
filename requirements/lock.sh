#!/bin/sh
# Lock every dependency with hashes and without a registry's address: sh requirements/lock.sh path/to/uv
set -eu
cd "$(dirname "$0")/.."

compile() {
    "$uv" pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-config --quiet "$@"
}

uv=${1:-uv}
compile --group build --output-file requirements/runtime.txt
compile --group build --group dev --constraints requirements/runtime.txt --output-file requirements/dev.txt
