#!/usr/bin/env bash
# Prints Cargo's target folder, wherever the environment or a configuration puts it, as an absolute path.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
cargo metadata --no-deps --offline --format-version 1 | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p'
