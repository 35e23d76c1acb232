#!/usr/bin/env bash
# Installs the Debian packages that building and testing need and that are missing. Says what it installs. Where
# nothing is missing it is silent, asks nobody and works offline.
set -euo pipefail

missing=()

# needs_library PACKAGE MODULE: a library's headers, as pkg-config knows them.
needs_library() {
    pkg-config --exists "$2" 2>/dev/null || missing+=("$1")
}

# needs_command PACKAGE COMMAND
needs_command() {
    command -v "$2" >/dev/null 2>&1 || missing+=("$1")
}

needs_file() {
    [ -e "$2" ] || missing+=("$1")
}

# To build.
needs_command pkg-config pkg-config
needs_library libsqlite3-dev sqlite3
needs_library libssl-dev openssl
needs_library zlib1g-dev zlib
needs_library libqrencode-dev libqrencode
needs_command git git
needs_file ca-certificates /etc/ssl/certs/ca-certificates.crt

# To test: other people's TLS and HTTP, and a look at what the commands ask of the system.
needs_command curl curl
needs_command openssl openssl
needs_command strace strace
needs_command python3 python3

# For `make soak`, which leaves out what it lacks.
if [ "${1:-}" = soak ]; then
    needs_command faketime faketime
    needs_command xfsprogs xfs_io
    needs_command e2fsprogs mkfs.ext4
fi

if [ "${#missing[@]}" -eq 0 ]; then
    exit 0
fi

if ! command -v apt-get >/dev/null 2>&1; then
    echo "Missing: ${missing[*]} (names of Debian packages)." >&2
    echo "This system has no apt-get; install what these are called here, then run this again." >&2
    exit 1
fi

if [ "$(id -u)" -ne 0 ]; then
    echo "Missing Debian packages: ${missing[*]}" >&2
    echo "Install them with this command, then run this again:" >&2
    echo >&2
    echo "  sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends ${missing[*]}'" >&2
    exit 1
fi

echo "Installing Debian packages: ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
