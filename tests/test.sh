#!/usr/bin/env bash
# `make test`: finds or fetches a CLI, runs every test of the workspace, and closes with what ran.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

clis=$(tests/cli.sh) || exit 1
printf 'CLIs found: %s\n' "${clis//$'\n'/ }"

target=$(tests/target_dir.sh)
summaries=("$target/acceptance.txt" "$target/docs.txt" "$target/faults.txt" "$target/torture.txt")
rm -f "${summaries[@]}"
cargo test --locked --workspace --no-fail-fast
status=$?

# Doc tests close cargo's output, so what the tests under the CLIs said is said once more here.
for summary in "${summaries[@]}"; do
  if [ -f "$summary" ]; then
    cat "$summary"
  else
    printf 'The tests that write %s did not run to their end.\n' "$summary"
    status=1
  fi
done
exit "$status"
