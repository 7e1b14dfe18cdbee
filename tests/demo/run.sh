#!/usr/bin/env bash
# `make demo`: a webhook's whole life, with the real CLI against the simulator, on loopback only.
#
# What the CLI prints is shown as it is. Every step is checked: the demo fails when one does not do
# what its line says.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
built=$("$root/tests/target_dir.sh")/debug
cli=$("$root/tests/cli.sh" | head -n 1)

scratch=$(mktemp -d)
simulator=
cleanup() {
  if [ -n "$simulator" ]; then
    kill "$simulator" 2>/dev/null || true
    wait "$simulator" 2>/dev/null || true
  fi
  rm -rf "$scratch"
}
trap cleanup EXIT

step() { printf '\n== %s\n' "$1"; }

fail() {
  printf '\nThe demo failed: %s\n' "$1" >&2
  exit 1
}

# Runs a command as the user would type it, showing what it prints; `$scratch/last` keeps that.
run() {
  printf '\n$ %s' "$(basename "$1")"
  printf ' %s' "${@:2}"
  printf '\n'
  if ! "$@" >"$scratch/last" 2>&1; then
    cat "$scratch/last"
    fail "the command above should have come off"
  fi
  cat "$scratch/last"
  cat "$scratch/last" >>"$scratch/all"
}

# What the last command printed must have this in it.
expect() { grep -qF -- "$1" "$scratch/last" || fail "\"$1\" is not in what was printed"; }

# Nothing of the caller's own settings reaches the demo.
for variable in $(compgen -e | grep -E '^(TF_|IMMUTA_)' || true); do unset "$variable"; done
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_CLI_CONFIG_FILE=$scratch/cli.tfrc
# The CLIs colour what they print wherever it goes; `make picture` wants that.
[ "${1:-}" = --colour ] || export TF_CLI_ARGS=-no-color

step "A simulator of Immuta's webhook API and a receiver of webhooks start on loopback"
key=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
mkfifo "$scratch/said"
"$built/immuta-simulator" serve --receiver --signing-key "$key" >"$scratch/said" &
simulator=$!
exec 3<"$scratch/said"
while read -r line <&3; do
  case $line in
    IMMUTA_*) export "${line?}" ;;
    RECEIVER_URL=*) export TF_VAR_receiver="${line#*=}" ;;
    READY=1) break ;;
  esac
done
[ -n "${IMMUTA_TOKEN:-}" ] && [ -n "${TF_VAR_receiver:-}" ] || fail "the simulator did not start"
export TF_VAR_signing_key=$key
printf 'Immuta is at %s, the receiver at %s\n' "$IMMUTA_ENDPOINT" "$TF_VAR_receiver"

# The provider is installed as a team would do it: from a filesystem mirror, by `init`.
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$root/Cargo.toml" | head -n 1)
platform=$("$cli" version -json 2>/dev/null | sed -n 's/.*"platform": "\(.*\)".*/\1/p')
for registry in registry.terraform.io registry.opentofu.org; do
  folder=$scratch/mirror/$registry/immuta/immuta/$version/$platform
  mkdir -p "$folder"
  ln -s "$built/terraform-provider-immuta" "$folder/terraform-provider-immuta_v$version"
done
printf 'provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' "$scratch/mirror" >"$TF_CLI_CONFIG_FILE"
mkdir "$scratch/work"
cp "$root/tests/demo/main.tf" "$scratch/work"
cd "$scratch/work"

step "init: the provider is installed from a filesystem mirror"
run "$cli" init
expect "Installed immuta/immuta v$version"

step "plan and apply: the webhook that main.tf declares is created"
run "$cli" plan
expect "1 to add, 0 to change, 0 to destroy"
run "$cli" apply -auto-approve
expect "1 added, 0 changed, 0 destroyed"
id=$("$cli" state show -no-color immuta_webhook.audit | sed -n 's/^ *id *= "\(.*\)"$/\1/p')
[ -n "$id" ] || fail "the webhook has no id in state"

step "plan again: there is nothing to do"
run "$cli" plan
expect "No changes"

step "Somebody edits the webhook in Immuta: the plan shows the drift, and apply repairs it"
run "$built/immuta-simulator" edit "$id" url=https://elsewhere.example.com/ verifyTls=false
run "$cli" plan
expect "0 to add, 1 to change, 0 to destroy"
expect "https://elsewhere.example.com/"
run "$cli" apply -auto-approve
expect "0 added, 1 changed, 0 destroyed"

step "A test delivery: Immuta signs it, and the receiver verifies the signature"
cp "$root/tests/demo/delivery.tf" .
run "$cli" apply -auto-approve
run "$cli" state show data.immuta_webhook_test.audit
expect '"SUCCESS"'
read -r -t 10 said <&3 || fail "no delivery has come to the receiver"
printf 'The receiver says: %s\n' "$said"
case $said in
  "delivery verified "*) ;;
  *) fail "the receiver could not verify the signature" ;;
esac
rm delivery.tf

step "A webhook that was made by hand in Immuta is imported"
run "$built/immuta-simulator" insert url=https://by-hand.example.com/immuta verifyTls=false
existing=$(cat "$scratch/last")
cp "$root/tests/demo/existing.tf" .
run "$cli" import immuta_webhook.existing "$existing"
expect "Import successful"
run "$cli" plan
expect "immuta_webhook.existing: Refreshing state"
expect "No changes"

step "destroy: both webhooks go"
run "$cli" destroy -auto-approve
expect "2 destroyed"
run "$built/immuta-simulator" show
[ ! -s "$scratch/last" ] || fail "Immuta still holds a webhook"

if grep -qF -e "$key" -e "$IMMUTA_TOKEN" "$scratch/all"; then
  fail "the token or the key was printed"
fi
printf '\nEvery step did what it says, with %s, and neither the token nor the key was printed.\n' "$("$cli" version | head -n 1)"
