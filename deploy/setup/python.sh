#!/usr/bin/env bash
# Gives the project its own Python in .venv and installs one file of hash-pinned requirements into it.
# Usage: python.sh requirements.txt. Does nothing when .venv already holds exactly that file.
set -euo pipefail
cd "$(dirname "$0")/../.."

requirements=$1
installed=.venv/installed-$requirements  # a copy of what was installed: the content decides, not the time

say() { printf '%s\n' "$*" >&2; }

find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  say "Maru needs Python 3.11 or newer, and found none: install python3, or name one with PYTHON=/path/to/python3."
  return 1
}

make_venv() {
  local python
  python=$(find_python)
  if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    say "$python cannot make a virtual environment: install python3-venv (Debian, Ubuntu: apt-get install python3-venv)."
    return 1
  fi
  "$python" -m venv --clear .venv
}

if ! .venv/bin/python -c '' 2>/dev/null; then
  make_venv  # none yet, or its Python was removed or moved
fi
if ! cmp -s "$requirements" "$installed"; then
  say "Installing the Python packages of $requirements …"
  .venv/bin/python -m pip --version >/dev/null 2>&1 || make_venv  # somebody interrupted us while it was made
  if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$requirements"; then
    say "The Python packages could not be installed: the lines above say why. A first start needs the network."
    exit 1
  fi
  cp "$requirements" "$installed"
fi
