#!/usr/bin/env bash
# Serves the chat with the settings of the environment and, for what it leaves open, of the file .env.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ -f .env ]; then
  given=$(export -p)
  set -a
  # shellcheck source=/dev/null
  . ./.env
  set +a
  eval "$given"
fi
exec .venv/bin/python wsgi.py serve
