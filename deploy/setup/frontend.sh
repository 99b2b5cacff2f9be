#!/usr/bin/env bash
# Builds, checks or tests the page, or prints the wire's types. Usage: frontend.sh build|check|test|types.
# Nothing is installed or built again while its sources are what they were.
set -euo pipefail
cd "$(dirname "$0")/../.."

built=app/static/dist/.sources       # fingerprint of the sources the page was built from
installed=frontend/node_modules/.lock  # copy of the lock file that was installed

say() { printf '%s\n' "$*" >&2; }

fingerprint() {
  find frontend -name node_modules -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
}

install_packages() {
  # shellcheck source=deploy/setup/node.sh
  . deploy/setup/node.sh
  if ! cmp -s frontend/package-lock.json "$installed"; then
    say "Installing the frontend's packages …"
    if ! (cd frontend && npm ci --no-audit --no-fund --no-progress --loglevel=error >/dev/null); then
      say "The frontend's packages could not be installed: the lines above say why. A first start needs the network."
      exit 1
    fi
    cp frontend/package-lock.json "$installed"
  fi
}

build() {
  local sources
  sources=$(fingerprint)
  if [ "$sources" = "$(cat "$built" 2>/dev/null)" ]; then return; fi
  install_packages
  say "Building the page …"
  (cd frontend && npm run --silent build)
  printf '%s\n' "$sources" >"$built"
}

run_script() {
  install_packages
  (cd frontend && npm run --silent "$1")
}

print_types() {
  install_packages
  PYTHONPATH=. .venv/bin/python frontend/scripts/wire_schema.py | (cd frontend && node scripts/types.mjs)
}

[ -f frontend/package.json ] || exit 0
case $1 in
  build) build ;;
  check) build && run_script check ;;
  test) run_script test ;;
  types) print_types ;;
  *) say "frontend.sh: build, check, test or types, not $1"; exit 2 ;;
esac
