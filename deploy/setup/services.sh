#!/usr/bin/env bash
# Makes sure the tests find the servers they talk to, and the compiler of the load generator, one line each: Debian's
# packages, installed when root. None of them needs to run: the tests start their own.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }

# need PACKAGE COMMAND: the package, unless the command is there (on the path or in the folder Debian keeps it in).
need() {
  local package=$1 found=${2##*/}
  command -v "$found" >/dev/null || compgen -G "$2" >/dev/null || install "$package" || missing+=("$package")
}

install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  say "Installing $1 …"
  export DEBIAN_FRONTEND=noninteractive
  [ -n "${updated:-}" ] || apt-get update -qq && updated=yes
  apt-get install -qq -y --no-install-recommends "$1" >/dev/null
}

# asleep PACKAGE COMMAND: need, for a package that would start its server when it is installed.
asleep() {
  local unruly=
  if [ "$(id -u)" = 0 ] && [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d && unruly=yes
  fi
  need "$1" "$2"
  if [ -n "$unruly" ]; then rm /usr/sbin/policy-rc.d; fi
}

postgresql() {
  asleep postgresql '/usr/lib/postgresql/*/bin/postgres'
}

nginx() {
  asleep nginx-light /usr/sbin/nginx
}

redis() {
  # With TLS, which the embedded one lacks.
  asleep redis-server /usr/bin/redis-server
}

compiler() {
  need gcc /usr/bin/gcc
  need libc6-dev /usr/include/stdio.h
}

missing=()
postgresql
nginx
redis
compiler
if [ ${#missing[@]} -gt 0 ]; then
  say "Some tests need Debian's packages ${missing[*]}: without them those tests are left out."
  if [ -n "${CI:-}" ]; then exit 1; fi
fi
