#!/usr/bin/env bash
# Finds the real CLIs that the acceptance tests and the demo drive, and prints their paths, one a line.
#
# `terraform` and `tofu` on PATH are taken, whichever are there. Where neither is, a pinned Terraform
# is downloaded into target/cli/ and its archive is checked against a pinned SHA-256 first. Without a
# CLI there is nothing to test against, so that is a failure, never a skip.
set -euo pipefail

readonly version=1.11.4
readonly host=https://releases.hashicorp.com/terraform
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dir=$("$root/tests/target_dir.sh")/cli
readonly root dir

fail() {
  printf 'tests/cli.sh: %s\n' "$1" >&2
  printf 'Put terraform (1.0 or later) or tofu (1.6 or later) on PATH and run this again.\n' >&2
  exit 1
}

# The SHA-256 of each archive, as published by HashiCorp for this release.
archive_sum() {
  case $1 in
    linux_amd64) echo 1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc ;;
    linux_arm64) echo a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633 ;;
    darwin_amd64) echo a56d5002b9f7647291faccc3dd1a70350e60fb61e4c45037629508b8fdc2575b ;;
    darwin_arm64) echo 867e0808fa971217043e25b7a792b10720c79b1546f8a68479b74f138be73e18 ;;
    *) fail "no CLI on PATH, and no Terraform $version is pinned for $1" ;;
  esac
}

platform() {
  local os arch
  os=$(uname -s | tr '[:upper:]' '[:lower:]')
  arch=$(uname -m)
  case $arch in
    x86_64) arch=amd64 ;;
    aarch64) arch=arm64 ;;
  esac
  echo "${os}_$arch"
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

download() {
  local platform expected actual archive
  platform=$(platform)
  expected=$(archive_sum "$platform")
  archive=terraform_${version}_$platform.zip
  for tool in curl unzip; do
    command -v "$tool" >/dev/null || fail "no CLI on PATH, and downloading one needs $tool"
  done
  mkdir -p "$dir"
  scratch=$(mktemp -d "$dir/download.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  printf 'No terraform or tofu on PATH: downloading Terraform %s for %s\n' "$version" "$platform" >&2
  curl --proto '=https' --tlsv1.2 --fail --silent --show-error --location --connect-timeout 15 \
    --output "$scratch/$archive" "$host/$version/$archive" ||
    fail "no CLI on PATH, and $archive could not be downloaded"
  actual=$(sha256 "$scratch/$archive")
  [ "$actual" = "$expected" ] || fail "$archive has the SHA-256 $actual, not the pinned $expected"
  unzip -q "$scratch/$archive" terraform -d "$scratch" || fail "$archive could not be unpacked"
  chmod 755 "$scratch/terraform"
  mv -f "$scratch/terraform" "$dir/terraform"
}

# The tests give a CLI an environment of their own, in which the shim of a version manager finds nothing.
runs() {
  env -i CHECKPOINT_DISABLE=1 "$1" version >/dev/null 2>&1
}

found=0
for name in terraform tofu; do
  if path=$(command -v "$name") && runs "$path"; then
    echo "$path"
    found=1
  fi
done
if [ "$found" = 0 ]; then
  [ -x "$dir/terraform" ] || download
  echo "$dir/terraform"
fi
