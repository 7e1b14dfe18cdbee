# Tests resource.tf against the tenant that IMMUTA_SEGMENT (or IMMUTA_ENDPOINT) and IMMUTA_TOKEN name: a test
# tenant, or the simulator. The test destroys what it creates. Run it as mocked.tftest.hcl.
variables {
  signing_key = "a key for tests"
}

run "webhooks_are_created" {
  assert {
    condition     = can(regex("^[0-9a-f-]{36}$", immuta_webhook.audit.id))
    error_message = "The id should be a UUID."
  }

  assert {
    condition     = immuta_webhook.audit.signing_key_set && !immuta_webhook.internal.signing_key_set
    error_message = "Immuta should have a key for the audit webhook only."
  }

  assert {
    condition     = immuta_webhook.audit.verify_tls && !immuta_webhook.internal.verify_tls
    error_message = "Certificates should be verified by default."
  }
}

run "another_key_is_sent" {
  variables {
    signing_key = "another key for tests"
  }

  assert {
    condition     = immuta_webhook.audit.signing_key == "another key for tests" && immuta_webhook.audit.signing_key_set
    error_message = "The second key should be in use."
  }
}
