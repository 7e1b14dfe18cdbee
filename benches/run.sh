#!/usr/bin/env bash
# `make bench`: builds the provider, the benchmark and, where Go is at hand, the peer; then measures.
# Every argument goes to the benchmark (--help lists them).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

release=$(realpath -m "${CARGO_TARGET_DIR:-target}")/release
arguments=(--provider "$release/terraform-provider-immuta")

terraform=$(tests/cli.sh | head -n 1)
arguments+=(--terraform "$terraform")

# The binaries as they are released: optimised, and without debug information.
cargo build --release --locked --package terraform-provider-immuta --package provider-benchmark --bins
if command -v go >/dev/null; then
  peer=$release/peer
  (cd benches/peer && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o "$peer" .)
  arguments+=(--peer "$peer")
else
  echo 'There is no Go here: the peer is left out.' >&2
fi

exec "$release/provider-benchmark" "${arguments[@]}" "$@"
