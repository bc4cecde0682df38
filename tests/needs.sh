#!/bin/sh
# Install the programs that tests need: as root on Debian with apt; elsewhere say what is missing.
# With CI=true a missing one is a failure, otherwise only the tests that need it are skipped.
set -eu

any() {
    for program in "$@"; do ! command -v "$program" >/dev/null || return 0; done
    return 1
}

missing() {
    any chromium-headless-shell chromium chromium-browser google-chrome || echo chromium
    command -v redis-server >/dev/null || command -v valkey-server >/dev/null || echo redis-server
    command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || echo nginx-light
    command -v systemd-analyze >/dev/null || [ "$(uname)" != Linux ] || echo systemd
    fc-list :lang=zh-cn 2>/dev/null | grep -q . || echo fonts-noto-cjk
}

get() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
    echo "Installing" "$@"
    apt-get update --quiet=2 -o Acquire::Retries=0 -o Acquire::http::Timeout=20 &&
        apt-get install --quiet=2 --yes --no-install-recommends "$@" >/dev/null
}

export DEBIAN_FRONTEND=noninteractive
# Chromium without what draws its own windows. Any other will do, for twice the time, where there is no such package.
any chromium-headless-shell || get chromium-headless-shell || echo "Not found: pages take longer."
packages=$(missing)
if [ -n "$packages" ]; then
    get $packages fontconfig
    packages=$(missing)
fi
if [ -n "$packages" ]; then
    echo "Missing, so the tests that need it are skipped:" $packages >&2
    [ "${CI:-}" != true ] || exit 1
fi
