#!/usr/bin/env bash
# `make test`: finds or fetches a CLI, runs every test of the workspace, and closes with what ran.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

clis=$(tests/cli.sh) || exit 1
printf 'CLIs found: %s\n' "${clis//$'\n'/ }"

summary=${CARGO_TARGET_DIR:-target}/acceptance.txt
rm -f "$summary"
cargo test --locked --workspace --no-fail-fast
status=$?

# Doc tests close cargo's output, so what the acceptance tests said is said once more here.
if [ -f "$summary" ]; then
  cat "$summary"
else
  echo 'The acceptance tests did not run to their end.'
  status=1
fi
exit "$status"
