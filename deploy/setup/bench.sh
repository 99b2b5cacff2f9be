#!/usr/bin/env bash
# Makes what `make bench` measures Maru beside, one at a time, so that one that is missing leaves the others alone:
# bench.sh node | python | ejabberd | prosody. Debian's packages are installed when root; nothing is started.
set -euo pipefail
cd "$(dirname "$0")/../.."

say() { printf '%s\n' "$*" >&2; }

node_packages() {
  # shellcheck source=deploy/setup/node.sh
  . deploy/setup/node.sh
  local lock=bench/peers/package-lock.json installed=bench/peers/node_modules/.lock
  if cmp -s "$lock" "$installed"; then return; fi
  (cd bench/peers && npm ci --ignore-scripts --no-audit --no-fund --no-progress --loglevel=error >/dev/null)
  cp "$lock" "$installed"
}

python_packages() {
  local venv=bench/results/venv lock=requirements-bench.txt
  if cmp -s "$lock" "$venv/.lock"; then return; fi
  .venv/bin/uv venv --quiet --clear --python .venv/bin/python "$venv"
  .venv/bin/uv pip install --quiet --python "$venv/bin/python" --require-hashes -r "$lock"
  cp "$lock" "$venv/.lock"
}

debian_package() {
  local unruly=
  if [ "$(dpkg-query --show --showformat '${db:Status-Abbrev}' "$1" 2>/dev/null)" = 'ii ' ]; then return; fi
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    say "Debian's package $1 is not installed, and only root on a Debian machine can do that."
    exit 1
  fi
  # Otherwise its server would start when it is installed.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d && unruly=yes
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -qq -y --no-install-recommends "$1" >/dev/null
  [ -z "$unruly" ] || rm -f /usr/sbin/policy-rc.d
}

case $1 in
  node) node_packages ;;
  python) python_packages ;;
  ejabberd | prosody) debian_package "$1" ;;
  *) say "bench.sh: node, python, ejabberd or prosody, not $1"; exit 2 ;;
esac
