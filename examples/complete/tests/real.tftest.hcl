# Against the tenant that IMMUTA_SEGMENT (or IMMUTA_ENDPOINT) and IMMUTA_TOKEN name: a test tenant, or the simulator.
# The test destroys what it creates.
run "a_webhook_with_a_key_from_the_store" {
  variables {
    keyring         = "tests/keys"
    receivers       = { audit = "https://audit.example.com/terraform-test" }
    test_deliveries = false
  }

  assert {
    condition     = can(regex("^[0-9a-f-]{36}$", output.webhook_ids["audit"]))
    error_message = "The id should be a UUID."
  }

  assert {
    condition     = contains(data.immuta_current_user.me.permissions, "APPLICATION_ADMIN")
    error_message = "The token's user should be allowed to manage webhooks."
  }
}
