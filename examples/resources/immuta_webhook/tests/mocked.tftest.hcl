# Tests resource.tf with a mocked provider: no Immuta tenant is needed. Copy resource.tf and tests/ into an empty
# folder (the other files here are alternatives), then run `terraform init` and
# `terraform test -filter=tests/mocked.tftest.hcl`. Requires Terraform 1.7 or OpenTofu 1.8.
mock_provider "immuta" {
  mock_resource "immuta_webhook" {
    defaults = {
      id              = "0b6f2c1e-58a4-4c0e-9d5c-2f7c3f1d9a10"
      signing_key_set = true
      suppressed      = false
    }
  }
}

variables {
  signing_key = "a key for tests"
}

run "deliveries_are_signed" {
  assert {
    condition     = immuta_webhook.audit.signing_key == var.signing_key
    error_message = "The audit webhook should have the configured key."
  }

  assert {
    condition     = startswith(immuta_webhook.audit.url, "https://")
    error_message = "Audit events should not be sent in plaintext."
  }
}

run "verification_is_off_for_the_internal_receiver" {
  command = plan

  assert {
    condition     = !immuta_webhook.internal.verify_tls
    error_message = "The internal receiver's certificate is not signed by a public certificate authority."
  }
}
