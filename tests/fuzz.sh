#!/usr/bin/env bash
# `make fuzz`: runs each fuzz target for FUZZ_SECONDS (60), from the seeds that are kept. A finding ends
# it. cargo-fuzz is installed into target/tools where it is not on PATH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tools=$(tests/target_dir.sh)/tools
PATH=$PATH:$tools/bin
command -v cargo-fuzz >/dev/null || cargo install --locked --root "$tools" cargo-fuzz
# The toolchain is a stable one, which takes the flags of the coverage only so; and the code has no
# unsafe block for a sanitizer to watch.
export RUSTC_BOOTSTRAP=1
targets=$(cargo fuzz list)
[ -n "$targets" ] || { echo 'fuzz: there is no target' >&2; exit 1; }
for target in $targets; do
  echo "== $target"
  mkdir -p "fuzz/corpus/$target"
  cargo fuzz run --sanitizer none "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" -- \
    -max_total_time="${FUZZ_SECONDS:-60}" -print_final_stats=1 -verbosity=0
done
