#!/usr/bin/env bash
# Measures the page; installs Lighthouse before, unless it is there as the lock file says. Arguments: see bench/ui.
set -euo pipefail
cd "$(dirname "$0")/../.."

installed=bench/ui/node_modules/.lock  # copy of the lock file that was installed

# shellcheck source=deploy/setup/node.sh
. deploy/setup/node.sh
if ! cmp -s bench/ui/package-lock.json "$installed"; then
  printf 'Installing Lighthouse …\n' >&2
  (cd bench/ui && npm ci --no-audit --no-fund --no-progress --loglevel=error >/dev/null)
  cp bench/ui/package-lock.json "$installed"
fi
exec .venv/bin/python -m bench.ui "$@"
