# Against the Immuta that IMMUTA_SEGMENT (or IMMUTA_ENDPOINT) and IMMUTA_TOKEN name: a tenant for tests,
# or the project's simulator. Nobody listens at the url, so the check of the module must tell.
run "a_webhook_with_a_key_from_the_store" {
  variables {
    keyring   = "tests/keys"
    receivers = { audit = "https://localhost:1/terraform-test" }
  }

  assert {
    condition     = can(regex("^[0-9a-f-]{36}$", output.webhook_ids["audit"]))
    error_message = "The id should be a UUID."
  }

  assert {
    condition     = !output.tests["audit"].success
    error_message = "Nobody listens there."
  }

  expect_failures = [module.webhooks.check.deliveries_arrive]
}
