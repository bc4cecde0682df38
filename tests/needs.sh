#!/bin/sh
# Install the programs that tests need: as root on Debian with apt; elsewhere say what is missing.
# With CI=true a missing one is a failure, otherwise only the tests that need it are skipped.
set -eu

missing() {
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || echo chromium
    command -v redis-server >/dev/null || command -v valkey-server >/dev/null || echo redis-server
    command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || echo nginx-light
    command -v systemd-analyze >/dev/null || [ "$(uname)" != Linux ] || echo systemd
    fc-list :lang=zh-cn 2>/dev/null | grep -q . || echo fonts-noto-cjk
}

packages=$(missing)
if [ -n "$packages" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing" $packages
    export DEBIAN_FRONTEND=noninteractive
    apt-get update --quiet=2
    apt-get install --quiet=2 --yes --no-install-recommends $packages fontconfig >/dev/null
    packages=$(missing)
fi
if [ -n "$packages" ]; then
    echo "Missing, so the tests that need it are skipped:" $packages >&2
    [ "${CI:-}" != true ] || exit 1
fi
