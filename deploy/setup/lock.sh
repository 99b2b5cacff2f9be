#!/usr/bin/env bash
# Rewrites the hash-pinned requirement files from the .in files, for Python 3.11 and later on any Linux machine.
# Versions already pinned stay while they fit; `UPGRADE=1 make lock` takes the newest of everything.
set -euo pipefail
cd "$(dirname "$0")/../.."

export UV_CUSTOM_COMPILE_COMMAND="make lock"
for name in requirements requirements-dev requirements-node requirements-bench; do
  .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
    ${UPGRADE:+--upgrade} --output-file "$name.txt" "$name.in"
done
