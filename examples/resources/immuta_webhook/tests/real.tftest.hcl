# Tests resource.tf with the real provider, against the Immuta that IMMUTA_SEGMENT (or IMMUTA_ENDPOINT) and
# IMMUTA_TOKEN name: a tenant for tests, or the project's simulator. What it makes is destroyed at its end. It is
# run like mocked.tftest.hcl.
variables {
  signing_key = "a key for tests"
}

run "webhooks_are_made" {
  assert {
    condition     = can(regex("^[0-9a-f-]{36}$", immuta_webhook.audit.id))
    error_message = "The id should be a UUID."
  }

  assert {
    condition     = immuta_webhook.audit.signing_key_set && !immuta_webhook.internal.signing_key_set
    error_message = "Immuta should hold the key of the audit webhook, and none for the internal one."
  }

  assert {
    condition     = immuta_webhook.audit.verify_tls && !immuta_webhook.internal.verify_tls
    error_message = "Certificates should be verified unless something else is said."
  }
}

run "another_key_is_taken" {
  variables {
    signing_key = "another key for tests"
  }

  assert {
    condition     = immuta_webhook.audit.signing_key == "another key for tests" && immuta_webhook.audit.signing_key_set
    error_message = "The second key should be in use."
  }
}
