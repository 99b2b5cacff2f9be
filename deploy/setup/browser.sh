#!/usr/bin/env bash
# Makes sure the tests find Chromium and fonts with Korean and emoji: Debian's packages, installed when root.
set -euo pipefail

packages=(chromium fonts-noto-cjk fonts-noto-color-emoji)

say() { printf '%s\n' "$*" >&2; }

is_there() {
  command -v chromium >/dev/null || return 1
  command -v dpkg-query >/dev/null || return 0
  [ "$(dpkg-query --show --showformat '${db:Status-Abbrev}' "${packages[@]}" 2>/dev/null)" = 'ii ii ii ' ]
}

install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  say "Installing ${packages[*]} …"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -qq -y --no-install-recommends "${packages[@]}" >/dev/null
}

is_there || install || {
  say "The browser tests need Debian's packages ${packages[*]}: without them those tests fail."
  if [ -n "${CI:-}" ]; then exit 1; fi
}
