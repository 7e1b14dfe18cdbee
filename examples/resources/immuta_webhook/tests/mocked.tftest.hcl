# Tests resource.tf without an Immuta, the provider is played. Copy resource.tf and tests/ into a folder of their
# own, since the other files here are alternatives, and run `terraform init`, then
# `terraform test -filter=tests/mocked.tftest.hcl`, with Terraform 1.7, OpenTofu 1.8 or later.
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
    error_message = "The audit webhook should sign with the key that it was given."
  }

  assert {
    condition     = startswith(immuta_webhook.audit.url, "https://")
    error_message = "What is audited should not travel in the clear."
  }
}

run "certificates_are_verified_where_they_can_be" {
  command = plan

  assert {
    condition     = !immuta_webhook.internal.verify_tls
    error_message = "No public authority has signed the internal receiver's certificate."
  }
}
