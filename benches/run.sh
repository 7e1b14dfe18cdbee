#!/usr/bin/env bash
# `make bench`: builds the provider, the benchmark and, where Go is at hand, the reference provider; then measures.
# PROVIDER=FILE measures this binary instead of one that is built here, such as the static one of
# `make dist`. Every argument goes to the benchmark (--help lists them).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

release=$(tests/target_dir.sh)/release
mkdir -p "$release/bench"
terraform=$(tests/cli.sh | head -n 1)

# Alone, so that it has the features that it is released with, and none that the benchmark asks for.
if [ -z "${PROVIDER:-}" ]; then
  cargo build --release --locked --package terraform-provider-immuta
  # The next build may write another one in its place.
  cp "$release/terraform-provider-immuta" "$release/bench/"
  PROVIDER=$release/bench/terraform-provider-immuta
fi
cargo build --release --locked --package provider-benchmark
arguments=(--terraform "$terraform" --provider "$PROVIDER")

if command -v go >/dev/null; then
  reference=$release/bench/reference
  (cd benches/reference && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o "$reference" .)
  arguments+=(--reference "$reference")
else
  echo 'There is no Go here: the reference provider is left out.' >&2
fi

exec "$release/provider-benchmark" "${arguments[@]}" "$@"
