#!/usr/bin/env bash
# `make audit`: what deny.toml says of the crates. `make dist` leaves its own tools in target/tools, and
# cargo-deny is looked for there too.
#
# The advisories' list is fetched first. Where it cannot be had, the copy from the last time is used; where
# there is none either, everything but the advisories is checked, and that is said; with NEED_ADVISORIES set it
# is a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

PATH=$PATH:$(tests/target_dir.sh)/tools/cargo/bin
if ! version=$(cargo-deny --version 2>/dev/null); then
  echo 'audit: cargo-deny is not installed: cargo install --locked cargo-deny' >&2
  exit 1
fi
echo "audit: $version"

# Where cargo-deny keeps its copy of the list.
has_copy() {
  local copy
  for copy in "${CARGO_HOME:-$HOME/.cargo}"/advisory-dbs/*/.git; do
    [ -e "$copy" ] && return
  done
  return 1
}

checks=(advisories bans licenses sources)
if cargo-deny --workspace fetch db >/dev/null 2>&1; then
  echo 'audit: the advisories are fetched'
elif has_copy; then
  echo 'audit: the advisories cannot be fetched, the copy from the last time is used'
else
  echo 'audit: the advisories cannot be fetched and there is no copy: they are NOT CHECKED'
  [ -z "${NEED_ADVISORIES:-}" ] || exit 1
  checks=(bans licenses sources)
fi
cargo-deny --workspace --offline check --hide-inclusion-graph "${checks[@]}"
