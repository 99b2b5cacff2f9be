#!/usr/bin/env bash
# Runs a script of this folder with the project's Node, after installing what package-lock.json pins. Usage: node.sh SCRIPT
# [ARGUMENT]…
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../../.."

installed=$here/node_modules/.lock  # copy of the lock file that was installed

# shellcheck source=deploy/setup/node.sh
. deploy/setup/node.sh >&2
if ! cmp -s "$here/package-lock.json" "$installed"; then
  (cd "$here" && npm ci --no-audit --no-fund --no-progress --loglevel=error >&2)
  cp "$here/package-lock.json" "$installed"
fi
script=$here/$1
shift
exec node "$script" "$@"
